"""The English words that requests are made of, by the concept that they stand for.

A line is `concept: word, word …`. Verbs are inflected by `lexicon`; `~` is where an object may stand (`roll ~ back`
reads `roll back dev` and `roll dev back`). A word may stand under several concepts: what surrounds it decides.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ASPECTS", "IRREGULAR_VERBS", "NOUNS", "VERBS"]

VERBS: Final = """
import: import, bulk-import, bulk import, ingest
deploy: deploy, redeploy, re-deploy, ship, provision, rollout, launch, roll ~ out, push ~ out, push ~ live,
    bring ~ up to date, bring ~ up to the latest version, bring ~ up to the latest, bring ~ up to the current version,
    get ~ up to date, bring ~ up, bring ~ live, put ~ live, take ~ live, go live, go live on, pulumi up, spin ~ up,
    stand ~ up,
    fire ~ up, bring ~ back up, get ~ live, make ~ live, get ~ out the door, put ~ out
update: update, upgrade, release, apply, push, publish, promote, refresh
destroy: dispose of, destroy, teardown, undeploy, deprovision, decommission, nuke, obliterate, demolish, dismantle,
    wipe, annihilate, raze, trash, terminate, eradicate, vaporize, tear ~ down, spin ~ down, take ~ down,
    shut ~ down, bring ~ down, blow ~ away, wipe ~ out, burn ~ down, turn ~ down, blow ~ up,
    kill ~ off, kill, scrap, axe, pull the plug on, take ~ apart
remove: dispose of, remove, delete, drop, erase, discard, bin, ditch, eliminate, scratch, scrap, clear, get rid of,
    do away with, throw ~ away, throw ~ out, take ~ off, cross ~ off, strike, dump, clean ~ up, purge
rollback: reverse, unwind, rollback, revert, restore, rewind, backtrack, roll ~ back, back ~ out, put ~ back,
    set ~ back, wind ~ back,
    go back, fall back, step ~ back, bring ~ back, take ~ back, return, undo, downgrade, reset, switch ~ back
repair: repair, sync, synchronise, synchronize, reconcile, heal, remediate, resync, re-sync, realign,
    make ~ look like its code, bring ~ back to what the code says, bring ~ back to its code, bring ~ back in line,
    bring ~ back in sync, bring ~ in line, bring ~ in sync, bring ~ into line, bring ~ into sync,
    bring ~ back into line, bring ~ back into sync, get ~ back in line, get ~ back in sync, get ~ in sync,
    get ~ in line, put ~ back in sync, put ~ back in line, pull ~ back in line, pull ~ back into line, make ~ match,
    make ~ consistent, bring ~ back to its declared state, bring ~ back to normal, get ~ back to its declared state
fix: fix, mend, correct, patch ~ up, put ~ right, set ~ right, straighten ~ out, sort ~ out, clean ~ up, restore,
    iron ~ out, square ~ away, undo, remove, eliminate, resolve, handle, address, take care of, deal with
checkpoint: checkpoint, freeze ~ as a checkpoint, snapshot, back ~ up, bookmark
preview: preview, dry-run, simulate, rehearse, plan, dry run
unlock: unlock, unblock
free: release, free, clear, break, lift, remove, drop, delete, force, kill
save: save, store, preserve, capture
retain: keep, record
diagnose: diagnose, investigate, troubleshoot, debug, analyse, analyze, triage, inspect, examine, dig into,
    look into, drill into, get to the bottom of, figure ~ out
set: crank ~ up, crank ~ down, crank, ramp ~ up, ramp ~ down, nudge, move, put ~ back, set ~ back, switch ~ back,
    bring ~ down, bring ~ up, set, change, adjust, modify, bump, raise, lower, increase, decrease, configure, reduce,
    edit, alter, tweak, reconfigure, dial ~ down, dial ~ up, turn ~ up, turn ~ down, bump ~ up, bump ~ down, cut,
    double, halve, make, update, switch, put, overwrite, assign, enable, disable
get: get, read, fetch, retrieve, look ~ up, lookup, grab, pull ~ up, pull
watch: keep me posted about, keep me posted on, keep us posted about, keep us posted on, keep me updated on,
    keep us updated on, keep me informed about, keep me informed of, watch, monitor, track, follow, observe, surveil,
    subscribe, keep an eye on, keep tabs on, keep track of, keep watch on, keep watch over, keep watching,
    start watching, start monitoring, start tracking, start following, begin watching, begin monitoring,
    begin tracking, keep monitoring, keep tracking, start keeping an eye on, start to watch, start to monitor,
    start to track, keep an eye out on, keep ~ under watch, keep ~ under observation, put ~ under watch,
    put ~ under observation
unwatch: unwatch, unfollow, untrack, unsubscribe, stop watching, stop monitoring, stop tracking, stop following,
    stop observing, stop keeping an eye on, quit watching, quit monitoring, cease watching, cease monitoring,
    end monitoring of, stop to watch, forget about, discontinue monitoring of, discontinue monitoring,
    discontinue watching, discontinue tracking, discontinue the monitoring of, call off the watch on, cease tracking
snooze: ignore, give ~ a rest, quiet ~ down, keep ~ quiet, keep ~ muted, leave ~ muted, leave ~ alone until,
    leave ~ be until, hold off on alerts, stop alerting me about,
    stop alerting me on, stop alerting us about,
    stop alerts from, stop alerts for, stop alerts about, stop bothering me about, stop bothering me with,
    stop notifying me about, stop notifying us about, snooze, mute, silence, quiet, quieten, hush, suppress, shush,
    put ~ to sleep, keep quiet about, stay quiet about, be quiet about, hold off alerts, hold off alerting
look: look at, check, check on, go over, go through, take a look at, have a look at, look over
sweep: do another pass over, do another pass of, make another pass over, take another pass at, have a fresh look at,
    take a fresh look at, get a fresh read of, get a fresh look at, get fresh copies of,
    go out and look at, fetch ~ again, sweep, crawl, scan, scrape, rescan, re-scan, recrawl, re-crawl, recheck,
    re-check, poll, refresh, visit,
    revisit, re-fetch, refetch, reload, re-read, reread, re-download, redownload, re-visit, recapture, re-capture
discover: suggest pages, propose pages, recommend pages, suggest what to watch, find pages, discover, explore, scout,
    survey, map, look around, nose around, poke around, scope ~ out, sniff around,
    rummage around, have a look around, have a look round, take a look around, take a look round, look round,
    have a poke around, have a poke about, poke about, have a nose around, have a nose about, have a browse around,
    browse around, go through the site, comb through
add: add, put, include, start
diff: diff, compare, contrast, put side by side
recall: recall, remember
notify: remind, confirm, pop, shoot, stick, circulate, fire ~ off, whisper, make sure, ensure, tell, post, send,
    message, announce, share, notify, inform, ping, broadcast, publish,
    forward, relay, report, write, alert, drop, say, let ~ know, give ~ a heads up, give ~ a heads-up, pass ~ on,
    put, brief, warn, update, dm, shout, leave, mention, submit, transmit, communicate, email, e-mail, cc
rate: mark, flag, rate, label, classify, dismiss, vote, tag, grade, score, log, record, thumbs-up, thumbs-down,
    upvote, downvote, count, treat, note, file
cancel: cancel, abort, stop, halt, kill, interrupt, quit, end, terminate, call ~ off, break ~ off, drop, abandon,
    pull the plug on, give up on
revoke: revoke, rescind, withdraw, invalidate, void, retract, pull, cancel, remove, delete, kill, end, take ~ back,
    take ~ away, repeal, annul, nullify, undo, terminate, strip
pause: emergency stop, pause,
    suspend, hold, freeze, halt, stop, put ~ on hold, put ~ on ice, disable, deactivate, turn ~ off,
    switch ~ off, stand down, shelve, put a hold on
resume: lift the hold, lift the hold on, lift the suspension, lift the suspension of, end the hold, remove the hold,
    release the hold, let ~ run again, let ~ run, get ~ going again, get ~ running again, get ~ going, allow ~ again,
    let ~ continue, resume, unpause, un-pause, unfreeze, un-freeze, unsuspend, restart, continue, reactivate,
    re-enable, reenable, enable, activate, turn ~ back on, switch ~ back on, turn ~ on, switch ~ on, start ~ again,
    start ~ up again, pick ~ up again, carry on, go back to work, get back to work, start ~ back up, kick ~ back off,
    bring ~ back, lift the freeze, lift the pause, end the freeze, end the pause, take ~ off hold, pick ~ back up,
    wake ~ up
restart: restart, start ~ again, get ~ going again, set ~ going again
schedule: schedule, automate, arrange, set up a schedule, set ~ up, book, queue ~ up
verify: verify, validate, prove, confirm, attest, double-check, doublecheck
approve: approve, authorise, authorize, sign ~ off, sign off on, greenlight, green-light, rubber-stamp,
    give the green light, okay
show: provide, furnish, supply, show, list, display, print, name, see, view, summarise, summarize, describe,
    enumerate, output, outline,
    explain, walk me through, catch me up on, catch me up, catch us up, fill me in on, bring me up to speed on,
    get me up to speed on, run me through, talk me through, spell out, present, itemise, itemize, report on,
    brief me on, update me on, dump, recap, review
ask: health-check, check, ensure, make sure, find, find out, tell me, tell us, tell, let me know, let us know,
    let ~ know, remind me, remind us, give me, give us, give, get me, get us, send me, bring me, fetch me, read me,
    hand me, show me, show us, look, look at, look into, take a look at, have a look at, have a look, take a look,
    have another look at, have another look, take another look at, take another look, know, hear, learn, work out,
    figure out, see, establish, determine, assess, evaluate, search, help me understand, understand, clarify,
    search for, look for, see whether, wonder, go through, look over, go over, run through, double-check, double check
run: run, do, perform, execute, take, make, create, start, trigger, kick ~ off, initiate, launch, conduct,
    carry ~ out, begin, go ahead with, proceed with, put, set ~ going, do us, complete, give, set up, write
generate: write, compose, draft, generate, invent, translate, order, buy, book, sing, draw, paint, cook, call, email,
    e-mail, hire, fire, sell, plan, design, calculate, solve, recommend, suggest, play, teach, code, program, build,
    craft, make up, dream up, reserve, prepare, summarise, summarize
touch: touch, do, alter, change, modify, mess with, tamper with, interfere with, play with, fiddle with, go near,
    run, execute, start, act, proceed, move, try, apply, push, make, carry on, continue, write,
    take action, affect
"""

IRREGULAR_VERBS: Final = """
import: import, bulk-import, bulk import, ingest
take: takes, took, taken, taking
tear: tears, tore, torn, tearing
bring: brings, brought, bringing
put: puts, putting
set: sets, setting
get: gets, got, gotten, getting
shut: shuts, shutting
send: sends, sent, sending
tell: tells, told, telling
let: lets, letting
keep: keeps, kept, keeping
find: finds, found, finding
know: knows, knew, known, knowing
see: sees, saw, seen, seeing
give: gives, gave, given, giving
go: goes, went, gone, going
cancel: cancels, cancelled, canceled, cancelling, canceling
label: labels, labelled, labeled, labelling, labeling
do: does, did, done, doing
make: makes, made, making
run: runs, ran, running
spin: spins, spun, spinning
stand: stands, stood, standing
blow: blows, blew, blown, blowing
undo: undoes, undid, undone, undoing
write: writes, wrote, written, writing
read: reads, reading
hold: holds, held, holding
break: breaks, broke, broken, breaking
freeze: freezes, froze, frozen, freezing
unfreeze: unfreezes, unfroze, unfrozen, unfreezing
withdraw: withdraws, withdrew, withdrawn, withdrawing
begin: begins, began, begun, beginning
wind: winds, wound, winding
fall: falls, fell, fallen, falling
quit: quits, quitting
cut: cuts, cutting
have: has, had, having
rewind: rewinds, rewound, rewinding
hear: hears, heard, hearing
say: says, said, saying
leave: leaves, left, leaving
sell: sells, sold, selling
buy: buys, bought, buying
draw: draws, drew, drawn, drawing
sing: sings, sang, sung, singing
teach: teaches, taught, teaching
build: builds, built, building
reset: resets, resetting
rollout: rollouts, rolledout
rollback: rolledback, rollbacked, rollingback
throw: throws, threw, thrown, throwing
understand: understands, understood, understanding
strike: strikes, struck, striking
wake: wakes, woke, woken, waking
"""

NOUNS: Final = """
change: catch me up on, catch us up on, catch me up, catch us up, bring me up to speed on, get me up to speed on,
    bring us up to speed on, up to speed on, update me on, update us on
deploy.n: deployments, deploys, rollouts, pulumi up, deploy, deployment, redeploy, redeployment, rollout, release,
    ship, launch, update
destroy.n: destruction, teardown, decommissioning, demolition
rollback.n: rollbacks, rollback, roll-back, roll back, revert, restore, rewind
repair.n: repair, fix, reconciliation, remediation, drift repair
discover.n: discovery, exploration
sweep.n: sweeps, sweep, crawl, scan, scrape, rescan, sweeping
preview.n: pulumi preview, preview, dry run, dry-run, simulation, plan, preview run
check.n: verification, check, checkup, check-up, test, review, look, inspection
diagnose.n: diagnosis, diagnostic, diagnostics, root cause, root-cause, post-mortem, postmortem, investigation,
    troubleshooting, analysis, culprit
trouble: wedged, hosed, borked, jammed, choking, hung, limping, kaput, busted, come up, coming up, start up, wrong,
    broken, failing, fails, failed, fail, failure, error, erroring, broke,
    crash, crashed, crashing, problem, issue, off, slow, sluggish, flaky, misbehaving, acting up, playing up,
    trouble, odd, weird, strange, unstable, on fire, struggling, stuck, flapping, timing out, throwing errors, red,
    unwell, sick, burning, going on with, messed up, errored, errored out, blew up, bombed, choked, exploded,
    misbehaves, suffers
drift: behind pulumi 's back, behind the code 's back, what the code says, what the code declares,
    what is in the code, what our code says, manual edits, manual tweaks, hand-made changes, wandered, departed from,
    moved away from, manual changes,
    hand edits, drift, drifted, drifting, drifts, out of sync, out of line, out of step, diverged,
    diverges, divergence, deviates, deviation, deviated, discrepancy, in sync, in line, in step, mismatch,
    configuration drift, manual change, hand edit, out-of-band, out of band, behind our back, differs, differ,
    differences from the code, match, matches, off its code, up-to-date, up to date, by hand, strayed, stray,
    clicking around, clicked around, fiddled with, fiddling with, fiddled, tinkered, tinkering, tinkered with,
    meddled, meddled with, messing with, wandered off, as declared, as we declared, as it was declared,
    the way we declared, the way it was declared, declared it, drifted away, outside of pulumi, outside pulumi,
    outside of the code, outside of code, outside of our code, outside our code, outside the code, declared,
    what is declared, from what we deployed, what we deployed, from what we shipped, what we shipped, as we deployed it,
    from what was deployed, what was deployed, what pulumi thinks, what pulumi believes, what pulumi says,
    what pulumi expects, what pulumi knows, reality,
    actual state, desired state, manually, hand-edited, behind our backs
aligned: back in line, back in sync, back into line, back into sync, in line, in sync, in step, back to its code,
    back to its declared state, back to the declared state, back to desired state, back to what the code says,
    into line, into sync, back to its definition, consistent again, declared state, desired state, back to normal
health: worried, worried about, concerned about, be worried, ping, health, healthy, healthier, unhealthy,
    healthcheck, health-check, health checks, healthchecks,
    up and running, running fine, in good shape, in shape, doing well, doing fine, doing alright, doing okay,
    doing ok, holding up, health check, vitals, in good health, running smoothly, running ok, running okay,
    running properly, uptime, heartbeat, pulse, pulse check, vital signs, wellbeing, well-being, alive and well,
    alive and kicking
well: respond, responds, answers, answering, ok, okay, alright, fine, good, up, online, alive, responding, reachable,
    working, operational, functioning, behaving, green, serving, available, stable, well, doing, feeling, all right,
    sane, happy, live, breathing
down: down, unreachable, offline, dead, unresponsive, unavailable, outage
state: how goes, how is going, how is it going with, status, state, condition, situation, shape
output: endpoints, output, outputs, addresses, expose, exposes, exposed, endpoint, url, uri, address, hostname,
    exported value, exports, ip, connection string, stack outputs, link, arn
history: change log, history, timeline, deployment history, deploy history, deployment log, past deployments,
    past updates, recent deployments, track record, changelog, log, update history, operations, past runs,
    last update, deployments, deploys, rollbacks, releases, updates
config: configured, config, configuration, setting, settings, config value, configuration value, parameter,
    parameters, variable, option, flag, config key, value, configs, key
done-with: finished with, done with, through with, no use for, served its purpose, surplus, obsolete
set-up: set up, still on, still going out, still scheduled, going out, go out, in place, still active,
    still due, paused, on hold
try-out: dry run, dry-run, test run, trial run, without watching it, without watching, would you keep, would keep,
    keep and ignore, would capture, would be kept, would you ignore, would ignore, test-watch, try-out, try out
digest: digest, digests, daily digest
setting-name: log level, logging level, instance type, instance size, instance count, node count, replica count,
    machine type, node type, min replicas, max replicas, feature flag, memory limit, cpu limit, image tag
lock: lock, locked, locks, stale lock
stack.n: stack, stacks, environment, environments, env, envs, infrastructure, infra, deployments
stacks: stacks, environments, envs
checkpoint.n: checkpoint, checkpoints, snapshot, snapshots, restore point, restore points, save point, savepoint,
    recovery point, rollback point, back-up, backup, safe point
change: anything from, something from, interesting, change, changes, changed, changing, news, new, newer, moved,
    moves, movement, movements, altered, shifted, developments, development of, updates, updated, update, recently,
    lately, publish, happened, happening, been up to, latest, fresh, recent activity, activity, raised, lowered,
    modified, announced, announcement, announcements, launched, released, shipped, added, differently, goings-on,
    adjusted, revised, introduced, published, digest, different, edits, edited, stirring, tweak, tweaked, tweaks
would-change: would change, will change, pending changes, planned changes, going to change, upcoming changes,
    what changes, would be changed, changes would, would do, will do, would happen, will happen, would make,
    would look like, would touch, would affect, would mean, would bring
page: page, pages, site, website, webpage, web page, url, link
competitors: competitor, competitors, competition, rivals, rival, the others, opponents, rival companies
watchlist: watchlist, watch list, watch-list, watched, monitored, tracked, watching, monitoring, tracking, targets,
    target, observed, keeping an eye on, keep an eye on, keeping tabs on, keep tabs on, followed, on our radar,
    being watched, following, eyes on, have eyes on, on the list, on our list, on your list, on the roster, roster,
    under monitoring, under observation, under watch, under surveillance, under our eye
before-after: differ, differs, before / after, before and after, before/after, before-and-after, old and new,
    old and the new, old and new wording, old vs new, side by side, side-by-side, word for word, wording,
    exact change, exact changes, exact difference, difference, differences, different, difference between,
    old version, previous version, redline, diff, diffs, line by line, exactly changed, old wording, new wording,
    old text, compared to, exact wording, comparison, new text, previous text, earlier version, earlier wording,
    before versus now, before vs now, then and now, then versus now, used to be, used to say, used to look,
    reworded, reword, rewording, rewrote, rewrite, say before, said before, say previously, said previously,
    read before, look like before, looked before, before and now, which words, exact words, which sentences,
    which wording, word by word, old copy, new copy, before the change, before the edit, before the last change,
    before the last edit
alert: alert, alerts, alarm, alarms
noise: for nothing, about nothing, dud, a dud, noise, noisy, irrelevant, useless, unimportant, junk, spam,
    false positive, false alarm, not useful,
    not relevant, not important, pointless, not helpful, unhelpful, meaningless, bogus, wrong, bad, not interesting,
    uninteresting, not worth, rubbish, nonsense, boring, thumbs down, cosmetic, trivial, waste of time,
    not noise-free, mistaken, incorrect, no use, worthless, crying wolf
useful: useful, relevant, important, good, great, spot on, spot-on, helpful, right, correct, valuable, excellent,
    perfect, interesting, significant, more like that, more like this, more of that, more of those, thumbs up,
    exactly what, real, genuine, true positive, worthwhile, on point, accurate, nice catch, good catch, good one,
    great catch, legit, well spotted, gold, keep those coming, keep them coming, pure gold
feedback: feedback, rating, what was said, what we said, what i said, what you were told
taken-back: unrated, undecided, retracted, taken back, withdrawn
work: where have you got to, got to with, how far have you got, how far did you get, where have you gotten,
    where did you get to, handed you, gave you, are you done, where do we stand, where are we, how far along,
    how far are you, asked you for, asked you,
    asked for, work, job, jobs, task, tasks, thread, threads, run, runs, running, queue, doing, in progress,
    in flight, in-flight, busy, on your plate, underway, under way, progress, working, going on, you up to, waiting,
    pending, active, outstanding, backlog, still going, workload, approvals, approval, to-do list, in the works,
    keeping you busy
thread: thread, conversation
spend: spend, spending, spent, cost, costs, costed, money, budget, token, tokens, expense, expenses, expenditure,
    bill, price tag, dollars, burn, burned, burnt, run up, racked up, burn rate, charged, usage, expensive, bucks
unasked: without asking, without asking us, without asking me, without asking anyone, without asking anybody,
    without being asked to
grant: allowed to do on your own, allowed to do by yourself, do on your own, do by yourself, act on your own,
    pre-approved, preapproved you, grant, grants, standing grant, standing grants, standing approval,
    standing approvals, standing permission, standing permissions, permission, permissions, pre-approval,
    pre-approvals, preapproved, standing authorisations, standing authorizations, allowed to do without asking
up-to: up to
schedule.n: when will you next, when do you next, when are you next, when is the next, when will the next,
    when does the next,
    the next sweep, the next check, the next drift check, the next scheduled, the next digest, the next run,
    the next competitor sweep, coming up, calendar, by themselves, by itself, on a regular basis, regularly,
    without being asked, automatically, automatic jobs, on autopilot, schedule, schedules, scheduled, recurring,
    cron, cron job,
    cron jobs, crons, timetable, recurring job, recurring jobs, scheduled job, scheduled jobs, regular jobs,
    planned jobs, scheduled work, scheduled task, scheduled tasks, recurring task, recurring tasks, automation,
    automations, periodic
vague-often: regularly, periodically, on a regular basis, on a schedule, on a timer, on a cron, at regular intervals,
    every so often, every now and then, from time to time, on a recurring basis, at intervals, routinely
audit: auditing, audit logging, record of everything, record of what, log of everything, everything that was done,
    everything you did, everything you have done, everything that happened, everything that has been done,
    what has been done, audit, audit log, audit trail, audit logs, audit chain, audit record, audit records,
    audit history, merkle, paper trail, log of actions, log chain, logbook, entries, audit entries, log entries,
    audit entry, audits, event log, activity log, action log, chain, audited
tamper: tamper, tampered, tampered with, tamper with, messed with, touched, manipulated, been changed, been edited,
    been altered, edited, intact, integrity, untampered, altered, trustworthy, complete, unbroken, unmodified, valid,
    trust, trusted, reliable, authentic, hold up, holds up, proof, consistent, sound, tampering, messed with, forged,
    genuine, doctored
everything: emergency stop, lift the pause, end the pause, lift the freeze, end the freeze,
    everything, all, the lot, all of it, all work, all of them, anything, every single thing, whole thing,
    all jobs, all activity, all activities, all operations, all of your work, all your work, the whole show,
    every effect, all effects, all automation, all of that, the whole lot, your work, all actions, all things,
    yourself, operations, everybody, all schedules and work
known: said about, say about, says about, saying about, written about, claimed about, claim about,
    say now, says now, say currently, say today, say at the moment, say right now, currently say, currently says,
    know, known, knew, remember, recall, have on, got on, on file, learned, learnt, memory, records, dossier,
    seen, heard, recorded, our notes, remembered, have we got, aware of, intel on, intelligence on, background on,
    found out, gathered, collected, noticed, mention, mentions, mentioned, mentioning
help: help, manual, instructions, documentation, commands, capabilities, guide, tutorial, usage guide, how-to,
    cheat sheet, command list, abilities, functions, capable
tool: tool, tools, command, commands, feature set, skills
channel.n: channel, channels, room
message: message, note, heads-up, heads up, announcement, word, reminder, notice, summary, notification
approval: approval, approvals, sign-off, signoff, permission, confirmation, authorisation, authorization, consent,
    green light
code: latest version, newest version, code, program, definition, declaration, source, template, latest, version,
    changes, commit, branch, build, main
result: result, results, outcome, findings, finding, answer, report, summary, what you find, what you found,
    what you see, how it went, how it goes, output of that, verdict, status, conclusion, what came out,
    what you learn, what you learned, it all, the details, details
activity: actions, action, activity, activities, operations performed, effects
fresh-data: fresh copies, fresh copy, fresh read, fresh look, newest version, newest versions, latest version,
    latest versions, new copies, newest copy, latest copy, fresh data, live data, up-to-date data, latest data,
    new data, current data, fresh captures
fresh: have another look at, have another look, take another look at, take another look, another look, right now,
    once more, right away, immediately, up to the minute, fresh, afresh, anew, again
pending: pending, in the pipeline, queued up, about to change, outstanding changes, waiting to be applied
who: who, whom, whose, anyone, anybody, someone, somebody, people
deleted: deleted, destroyed, removed, deletes, destroys, removes, deletion, deletions, lost, replaced, torn down
"""

ASPECTS: Final = """
pricing: pricing, price, prices, priced, plans, price list, price lists, price page, plan page, fee, fees, rates,
    rate card,
    cost of, subscription tiers, tiers, price point, price points, list prices, discount, discounts, tariffs,
    charges, charge, charging
features: feature, features, capabilities, functionality, feature list, capability, feature page
product_updates: product updates, product update, release, releases, release notes, release note, changelog,
    change log, product news, release page, releases page, product launch, product launches, what's new page,
    updates page, launches, new releases, blog, news, press, press releases, newsroom, announcements page,
    product announcements
job_postings: job postings, job posting, jobs, job, careers, career, hiring, hires, hire, openings, job openings,
    vacancies, recruiting, recruitment, open roles, open positions, roles, positions, job ads, job listings,
    job board, job offers, postings, headcount, staffing, vacancy, recruit
client_wins: client wins, client win, customer wins, customer win, new customers, new clients, case studies,
    case study, customers page, client page, clients page, customer page, client list, customer list,
    customer stories, wins, signed clients, logos,
    testimonials, customer story, reference customers
technology: technology, tech stack, technologies, tech, stack page, integrations, integration, api docs, engineering,
    architecture page, technical docs, platform page, apis, developer docs
market_share: market share, market position, market, share of the market, marketshare
"""
