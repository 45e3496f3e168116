"""The closed classes of English words that hold requests together."""

from __future__ import annotations

from typing import Final

__all__ = ["CLASSES", "CONVERSATION"]

CLASSES: Final = """
soft: at all, i.e, in other words, that is to say, namely, viz, if you please, right this minute, this minute,
    this instant, this very minute,
    right this second, this second, this very second, reckon, i reckon,
    do not wait for the schedule, no need to wait, do not wait,
    in its place, in its stead, in their place, in return, either way, in either case, in any case,
    in both cases, regardless, no matter what, whatever happens, whatever the outcome, whichever way it goes,
    whatever comes out, whatever the result, from now on, my question is, my question, pretty please,
    real quick question, quick one, altogether, for good,
    absolutely, strictly, totally, on earth, the hell, the heck, exactly, precisely, please, kindly, just, maybe,
    possibly, perhaps, quickly, also, then, now, again, actually, simply, only, really, finally, first, next, lastly,
    too, afterwards, afterward, immediately, right now, straight away, right away, at once, for me, for us, sophia,
    well, so, ok, okay, alright, right, hey, hi, hello, yo, oh, ah, um, uh, yolo, guys, folks, team, mate, buddy,
    friend, incidentally, today, asap, directly, already, still, either, even, definitely, certainly, all right,
    then please, though, ever so kindly, if possible, if you please, if you do not mind,
    if it is not too much trouble, when you can, when you get a chance, when you have a moment, whenever you can,
    whenever you have a moment, out of curiosity, real quick, quick, as well, in turn, subsequently, thereafter,
    secondly, thirdly, firstly, in the end, at the end, at last, to begin with, once more, one more time, meanwhile,
    somewhat, dear, ahead, after that, before that, with that done, when done, when that is done, once done,
    once that is done, once you are done, when you are done, by the way, in that case, to start, for starters
courtesy: you would make my day, you are the best, you are a star, you are a legend, i owe you one, i appreciate it,
    that would be great, that would be lovely, that would be wonderful, darlin, darling, love, hun, pal, chief, bud,
    sir, bro, dude, man, matey, cobber, lads, lass,
    y / n, yes or no, be a dear, be a love, be a pet, no wukkas, no drama, no dramas, no stress,
    ta muchly, sorry if this is dumb, sorry if this is a dumb question,
    sorry if this is a silly question, sorry if this is silly, sorry if that is a stupid question,
    sorry for the noise, silly question, dumb question, stupid question, sorry to be a pain,
    apologies, honestly, sharpish, pronto, forthwith, aye,
    ooh, ooh interesting, how interesting, love it, nothing else, nothing more, that is all, that is it,
    only that, thanks, thank you, thank you very much,
    thanks a lot, thanks so much, cheers, much appreciated, good morning, good afternoon, good evening, good night,
    hello there, hi there, hey there, morning, evening, no rush, no hurry, ever so much, in advance, many thanks,
    great, awesome, nice, cool, super, perfect, sorry, excuse me, pardon, sorry to bother you, dear sophia, hello,
    hi, hey, howdy, greetings, bless you, good day, brilliant, lovely, wonderful, kind regards, regards,
    best regards, best, welcome, welcome back, how are you, how do you do, nice work, well done, good job,
    great work, great job, lol, haha, hmm, hm, gosh, wow, ta, much obliged, my friend, no worries, morning sophia
negative: for example, for instance, as an example, as an illustration, such as, next time,
    off limits, not to be touched, untouchable, not, never, no, none, nothing, neither, nor, nobody, no one,
    without, cannot, hardly, avoid, refrain, refuse, forbid, forbidden, prohibited, except, rather, instead, unless,
    hate, fake, mistake, kidding, joking, joke, hypothetically, pretend, imagine, suppose, unwise, disaster, barely,
    scarcely, nowhere, lest, against, insane, crazy, stupid, dangerous, wrongly, prank, abstain, nope, stop, prevent,
    oppose, object, unauthorized, unauthorised, postpone, delay, defer, abort, cancel, off-limits, wait, skip, omit,
    not yet, sarcasm, dare, threatened, threatening, threat, decline, deny, reject, undo, mustn, dont, nah, nix,
    veto, ban, banned, disallow, disallowed, least, idea, bad, regret, regrettable, terrible, awful, horrible,
    rehearsal, example, e.g, hypothetical, as if, as though, theory, theoretically, fiction, story, dream, dreamt,
    nightmare, prohibit, cease
someday: one day, one of these days, some day, someday, at some point, at some stage, at some time, some time,
    sometime, sometime soon, eventually, ultimately, sooner or later, in the future, in future, in the near future,
    in due course, in due time, in good time, in the long run, in the long term, down the road, down the line,
    one fine day, at a later point, at a later date, at a later time, when the time comes, when the time is right,
    in time, all in good time, the day after never, before long, in the distant future, in the course of time
be: is, are, was, were, be, been, being, am
did: did, does, do, has, have, had
modal: can, could, will, would, shall, should, may, might, must, ought
i: i, we, myself, ourselves
you: you, yourself, sophia, this assistant, this system, this bot, this agent, this tool, the assistant, the bot
they: he, she, they, it, this, that, these, those, there, someone, somebody, everyone, everybody, nobody, people,
    anyone, anybody, one
them: me, us, him, her, them
it: the bugger, the sucker, the beast, the bastard, the damn thing, the bloody thing,
    the whole shebang, the blasted thing, the wee thing, the poor thing,
    it, that, this, them, those, these, its, their, theirs, there, that one, this one, the same one, same one, they,
    the thing, that thing, same, his, her, one, the latter, the former, here
det: own, the, a, an, our, your, my, any, some, every, each, all, both, of, one, another, new, quick, full, fresh,
    whole,
    entire, complete, current, present, latest, last, recent, brief, short, proper, more, further, little, nice,
    good, manual, exact, that, this, those, these, its, their, his, her, other, such, same, two, three, existing,
    single, old, live, running, actual, relevant, remaining
prep: of, on, in, at, for, from, to, with, into, onto, about, over, by, within, across, through, against, under,
    after, before, since, during, as, per, via, regarding, concerning, around, near, inside, upon, than, until, till,
    like, off, up, out, between
wh: whatever, whichever, whoever, whenever, what, which, who, whom, whose, when, where, why, how
whether: if, whether
always: either way, in either case, in any case, in both cases, regardless, no matter what, whatever happens,
    whatever the outcome, whichever way it goes, whatever comes out, whatever the result
if: if, in case, provided, provided that, assuming, assuming that, as long as, so long as, given that, only if,
    on condition that, in the event that, in the event of, should it, if and only if, when, once, as soon as,
    only when, but only if, on the condition that, supposing, supposing that, whenever, depending on whether, iff
unless: unless, except if, except when, not if, not when, not while, not in case
else: otherwise, if not, or else, failing that, if so not
and: and, plus, as well as, &, along with, together with
or: or, nor, either, versus
then: then, afterwards, after that, next, finally, subsequently, once done, thereafter, afterward, lastly
but: but, however, though, yet, except that, only
because: because, since, as, so that, so, given, considering, due to, in order to, to make sure, to ensure,
    seeing that, now that, for, while, although, even though, whereas
says: says, said, say, saying, wrote, writes, asked, asks, told, tells, reads, replied, claims, claimed, instructed,
    ordered, orders, wants, wanted, suggests, suggested, recommends, recommended, insists, insisted, states, stated,
    mentioned, mentions, demands, demanded, requested, requests, begged, proposes, proposed
safe: safe, ok, okay, fine, wise, risky, dangerous, alright, smart, advisable, reasonable, sensible, possible, good,
    bad, worth, right, clear, prudent, sane, harmful, unsafe, all right, good time, bad time, good idea, bad idea,
    right time, harmless, feasible, appropriate, recommended, too early, too late, time, ready, permitted, allowed,
    necessary, needed, required, urgent, smart move, problem, overdue, due, wrong time, bright, worthwhile, unwise
yes: yes, yeah, yep, yup, sure, absolutely, affirmative, correct, right, exactly, confirmed, indeed, aye, lgtm,
    roger, totally, certainly, definitely, ok, okay, alright, y, k, fine, yea
no: no, nope, nah, negative, n
secret: secret, secrets, password, passwords, passphrase, passphrases, api key, api keys, access key, access keys,
    access token, access tokens, credential, credentials, private key, private keys, api token, api tokens,
    bot token, signing secret, ssh key, ssh keys, auth token, bearer token, encryption key, encryption keys, login,
    logins, system prompt, system prompts, signing key, connection secrets, slack token, master key, secret key,
    secret keys, apikey, api-key, api-keys, service account key, aws keys, aws key, ssn, ssns,
    social security numbers, credit card numbers, card numbers, openai key, database password, root password,
    environment variables, env vars, env variables, token value, .env
unit: minute, minutes, hour, hours, day, days, week, weeks, month, months, quarter, quarters, year, years, fortnight,
    weekend, weekends, business days, working days, nights, mornings
"""

CONVERSATION: Final = """
poem weather lunch pizza joke story song recipe dinner breakfast coffee beer flight hotel restaurant movie film football
soccer basketball game birthday horoscope capital president homework essay translate bitcoin crypto stock stocks market
tampa austin dallas france germany paris london berlin tenant tenants rent renter landlord lawyer sue vacation holiday
holidays sick leave salary payroll invoice invoices printer laptop monitor phone office desk parking car train bus
temperature sunny rain tomorrow tonight yesterday morning afternoon evening night monday tuesday wednesday thursday
friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays january february march april
june july august september october november december summer winter
spring autumn christmas thanksgiving easter meeting board boss manager ceo cfo cto executive colleague customer
customers resident residents prospect prospects lead leads company companies vendor partner partners team teams people
person friend mom dad kid kids dog cat love hate like want need hope wish feel think believe wonder guess sorry thanks
please hello morning cheers awesome great nice cool funny happy sad angry tired hungry bored busy free cheap expensive
money bank loan account contract deal sale sales marketing legal finance email emails inbox calendar document
documents spreadsheet slide slides presentation photo picture image video music poetry lyrics novel book books article
faster slower better worse bigger smaller cheaper quieter louder nicer worth safe risky dangerous smart wise stupid
somebody anybody everybody whatever whichever whoever somehow someday later soon never always often rarely sometimes
monthly weekly daily nightly hourly yearly quarterly weekday weekdays weekend fortnight noon midnight dawn dusk
outage incident pager oncall slack channel cloud aws azure docker kubernetes database server servers cluster backup
capacity traffic latency throughput replica replicas region zone bucket secret password credential passphrase
eastern pacific central mountain greenwich
yes yeah yep nope nah okay sure maybe perhaps whoa wow damn heck gosh haha lol rollback terraform staging sandbox
prod dev qa uat demo preprod canary laptop meanwhile wherever whenever although therefore otherwise anyway besides
wanna gonna gotta dunno oops hurry rush quick quickly slow slowly careful carefully wait hold stay gonna mess touch
delinquency eviction collections collector debt balance lease leasing apartment multifamily property firmographics
compliance regulation regulations regulator evidence forecast optimize optimise dashboard revenue readiness modernize
enrich enrichment provenance lineage rotate rotation scale scaling zillow yardi entrata appfolio greystar twilio
auditor auditors approver approvers operator operators requester requesters admin admins administrator
administrators salesforce hubspot experian equifax transunion knock rentgrata funnel betterbot zuma colleen hyly
"""
"""Ordinary words that no concept needs, so that nothing is corrected into or out of them."""
