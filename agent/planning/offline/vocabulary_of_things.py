"""The English words for what requests are about, and the aspects of competitors; lines as in `vocabulary`."""

from __future__ import annotations

from typing import Final

__all__ = ["ASPECTS", "NOUNS"]

NOUNS: Final = """
change: been doing, been getting up to, touched their site, touched their pages, touched their website,
    touched their sites, shift, shifting,
    budge, budged, been cooking, been busy with, anything different, catch me up,
    catch me up on, catch us up on, catch me up, catch us up, bring me up to speed on, get me up to speed on,
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
diagnose.n: diag, diagnosis, diagnostic, diagnostics, root cause, root-cause, post-mortem, postmortem, investigation,
    troubleshooting, analysis, culprit
trouble: wonky, pear-shaped, on the blink, on the fritz, knackered, haywire, glitchy, buggy, laggy, lagging, crawling,
    degraded, erratic, janky, sideways, playing silly buggers,
    aborted, keeled over, tanked, went belly up, conked out, packed up,
    dies, die, died, dying, stalls, stalled, hangs, chokes, collapses, collapsed, fell over, falls over,
    conks out, gives up, bails out, wedged, hosed, borked, jammed, choking, hung, limping, kaput, busted, come up,
    coming up, start up, wrong,
    broken, failing, fails, failed, fail, failure, error, erroring, broke,
    crash, crashed, crashing, problem, issue, off, slow, sluggish, flaky, misbehaving, acting up, playing up,
    trouble, odd, weird, strange, unstable, on fire, struggling, stuck, flapping, timing out, throwing errors, red,
    unwell, sick, burning, going on with, messed up, errored, errored out, blew up, bombed, choked, exploded,
    misbehaves, suffers
drift: departs, departs from, specification, spec, its spec, real state, the console, in the console, click-ops,
    clickops, manual fiddling,
    what is really there, real world, hand-made, poked at, poked around in,
    behind pulumi 's back, behind the code 's back, what the code says, what the code declares,
    what is in the code, what our code says, manual edits, manual tweaks, hand-made changes, wandered, departed from,
    moved away from, manual changes,
    hand edits, drift, drifted, drifting, drifts, out of sync, out of line, out of step, diverged,
    diverges, divergence, deviates, deviation, deviated, discrepancy, in sync, in line, in step, mismatch,
    configuration drift, manual change, hand edit, out-of-band, out of band, behind our back, differs, differ,
    differences from the code, match, matches, off its code, up-to-date, up to date, by hand, strayed, stray,
    by the hand, with the hand, clicking around, clicked around, fiddled with, fiddling with, fiddled, tinkered,
    tinkering, tinkered with,
    meddled, meddled with, messing with, wandered off, as declared, as we declared, as it was declared,
    the way we declared, the way it was declared, declared it, drifted away, outside of pulumi, outside pulumi,
    outside of the code, outside of code, outside of our code, outside our code, outside the code, declared,
    what is declared, from what we deployed, what we deployed, from what we shipped, what we shipped,
    as we deployed it,
    from what was deployed, what was deployed, what pulumi thinks, what pulumi believes, what pulumi says,
    what pulumi expects, what pulumi knows, reality,
    actual state, desired state, manually, hand-edited, behind our backs
aligned: back in line, back in sync, back into line, back into sync, in line, in sync, in step, back to its code,
    back to its declared state, back to the declared state, back to desired state, back to what the code says,
    into line, into sync, back to its definition, consistent again, declared state, desired state, back to normal
health: smoke check, smoke checks, smoke test, smoke tests, sanity check, sanity checks, travelling, traveling,
    faring, coping, ticking along, ticking over, holding together,
    in one piece, up or down, alive or dead, serving traffic,
    worried, worried about, concerned about, be worried, ping, health, healthy, healthier, unhealthy,
    healthcheck, health-check, health checks, healthchecks,
    up and running, running fine, in good shape, in shape, doing well, doing fine, doing alright, doing okay,
    doing ok, holding up, health check, vitals, in good health, running smoothly, running ok, running okay,
    running properly, uptime, heartbeat, pulse, pulse check, vital signs, wellbeing, well-being, alive and well,
    alive and kicking
well: correct, in order, all there, legit, up to scratch, respond, responds, answers, answering, ok, okay, alright,
    fine, good, up, online, alive, responding, reachable,
    working, operational, functioning, behaving, green, serving, available, stable, well, doing, feeling, all right,
    sane, happy, live, breathing
down: down, unreachable, offline, dead, unresponsive, unavailable, outage
state: how goes, how is going, how is it going with, status, state, condition, situation, shape
output: export, exported, exporting,
    endpoints, output, outputs, addresses, expose, exposes, exposed, endpoint, url, uri, address, hostname,
    exported value, exports, ip, connection string, stack outputs, link, arn
history: hist, change log, history, timeline, deployment history, deploy history, deployment log, past deployments,
    past updates, recent deployments, track record, changelog, log, update history, operations, past runs,
    last update, deployments, deploys, rollbacks, releases, updates
config: cfg, conf, pulumi config, configured, config, configuration, setting, settings, config value,
    configuration value,
    parameter,
    parameters, variable, option, flag, config key, value, configs, key
earlier: before, previous, earlier, prior, older, preceding, former
done-with: finished with, done with, through with, no use for, served its purpose, surplus, obsolete
set-up: set up, still on, still going out, still scheduled, going out, go out, in place, still active,
    still due, paused, on hold
try-out: dry run, dry-run, test run, trial run, without watching it, without watching, would you keep, would keep,
    keep and ignore, would capture, would be kept, would you ignore, would ignore, test-watch, try-out, try out
logs: logs, log files, logfiles
digest: briefing, briefings, round-up, roundup, digest, digests, daily digest
setting-name: log level, logging level, instance type, instance size, instance count, node count, replica count,
    machine type, node type, min replicas, max replicas, feature flag, memory limit, cpu limit, image tag
lock: another update is in progress, another update in progress, another operation is in progress,
    already being updated, lock, locked, locks, stale lock
stack.n: stack, stacks, environment, environments, env, envs, infrastructure, infra, deployments
stacks: pulumi stack ls, stack ls, stacks, environments, envs
checkpoint.n: ckpt, chkpt, checkpoint, checkpoints, snapshot, snapshots, restore point, restore points, save point,
    savepoint,
    recovery point, rollback point, back-up, backup, safe point
change: headlines, highlights, redid, redo, redone, rederevamped, overhauled, rebranded, relaunched,
    reworked, miss, missed, detect,
    detected, spot, spotted, pick up, picked up, anything from, something from, interesting, change, changes, changed,
    changing, news, new, newer, moved,
    moves, movement, movements, altered, shifted, developments, development of, updates, updated, update, recently,
    lately, publish, happened, happening, been up to, latest, fresh, recent activity, activity, raised, lowered,
    modified, announced, announcement, announcements, launched, released, shipped, added, differently, goings-on,
    adjusted, revised, introduced, published, digest, different, edits, edited, stirring, tweak, tweaked, tweaks
would-change: blast radius, will be modified, would be modified, will be changed, will be different,
    would be different, would go,
    would change, will change, pending changes, planned changes, going to change, upcoming changes,
    what changes, would be changed, changes would, would do, will do, would happen, will happen, would make,
    would look like, would touch, would affect, would mean, would bring
page: page, pages, site, website, webpage, web page, url, link
competitors: competitive landscape, competitor landscape, competitor, competitors, competition, rivals, rival,
    the others, opponents, rival companies
watchlist: vigilance, in vigilance, under vigilance, surveillance list, surveilled, on watch, keep watch,
    regularly call up, keeping watch on,
    watchlist, watch list, watch-list, watched, monitored, tracked, watching, monitoring, tracking, targets,
    target, observed, keeping an eye on, keep an eye on, keeping tabs on, keep tabs on, followed, on our radar,
    being watched, following, eyes on, have eyes on, have an eye on,
    have our eye on, have your eye on, keep our eye on, keep your eye on, on the list, on our list, on your list,
    on the roster, roster,
    under monitoring, under observation, under watch, under surveillance, under our eye
before-after: erased, what was erased, crossed out, struck out, exactly was added, exactly was removed,
    exactly was erased,
    differ, differs, before / after, before and after, before/after, before-and-after, old and new,
    old and the new, old and new wording, old vs new, side by side, side-by-side, word for word, wording,
    exact change, exact changes, exact difference, difference, differences, different, difference between,
    old version, previous version, redline, diff, diffs, line by line, exactly changed, old wording, new wording,
    old text, compared to, exact wording, comparison, new text, previous text, earlier version, earlier wording,
    before versus now, before vs now, then and now, then versus now, used to be, used to say, used to look,
    reworded, reword, rewording, rewrote, rewrite, say before, said before, say previously, said previously,
    read before, look like before, looked before, before and now, which words, exact words, which sentences,
    which wording, word by word, old copy, new copy, before the change, before the edit, before the last change,
    before the last edit, additions, insertions, additions and deletions
alert: alert, alerts, alarm, alarms
noise: not of use, of no use, no good, of little use, fewer alerts like, fewer like, less like, less of, fewer of,
    no more alerts like, dross, rot, duff, naff, guff,
    crap, garbage, of no interest, no interest, not of interest,
    not bothered about, tat, piffle,
    for nothing, about nothing, dud, a dud, noise, noisy, irrelevant, useless, unimportant, junk, spam,
    false positive, false alarm, not useful,
    not relevant, not important, pointless, not helpful, unhelpful, meaningless, bogus, wrong, bad, not interesting,
    uninteresting, not worth, rubbish, nonsense, boring, thumbs down, cosmetic, trivial, waste of time,
    not noise-free, mistaken, incorrect, no use, worthless, crying wolf
useful: such things, such things as, more things like,
    more alerts like, more like, more of these, bang on, ripper, beauty, bob on, top stuff, more of these,
    a keeper, keeper,
    useful, relevant, important, good, great, spot on, spot-on, helpful, right, correct, valuable, excellent,
    perfect, interesting, significant, more like that, more like this, more of that, more of those, thumbs up,
    exactly what, real, genuine, true positive, worthwhile, on point, accurate, nice catch, good catch, good one,
    great catch, legit, well spotted, gold, keep those coming, keep them coming, pure gold
such: such things, such things as, more things like
feedback: feedback, rating, what was said, what we said, what i said, what you were told
taken-back: unrated, undecided, retracted, taken back, withdrawn
work: my request, my requests, our request, our requests, the request, awaiting, awaits, whether it finished,
    did it finish, has it finished, on the go, on the boil,
    where are you with,
    how far is, get through, still chugging,
    where have you got to, got to with, how far have you got, how far did you get, where have you gotten,
    where did you get to, handed you, gave you, are you done, where do we stand, where are we, how far along,
    how far are you, asked you for, asked you,
    asked for, work, job, jobs, task, tasks, thread, threads, run, runs, running, queue, doing, in progress,
    in flight, in-flight, busy, on your plate, underway, under way, progress, working, going on, you up to, waiting,
    pending, active, outstanding, backlog, still going, workload, approvals, approval, to-do list, in the works,
    keeping you busy
thread: thread, conversation
spend: paid, costing, dosh, quid, got through, get through money, consumed, consumption, used up, gone through,
    outlay,
    outgoings, forked out, set us back,
    the tab,
    spend, spending, spent, cost, costs, costed, money, budget, token, tokens, expense, expenses, expenditure,
    bill, price tag, dollars, burn, burned, burnt, run up, racked up, burn rate, charged, usage, expensive, bucks
unasked: without asking, without asking us, without asking me, without asking anyone, without asking anybody,
    without being asked to
grant: powers, delegated to you, delegated, delegation, delegations, entrusted, approved for you, approved you for,
    approved in advance, agreed in advance, signed off in advance,
    allowed to do on your own, allowed to do by yourself, do on your own, do by yourself, act on your own,
    pre-approved, preapproved you, grant, grants, standing grant, standing grants, standing approval,
    standing approvals, standing permission, standing permissions, permission, permissions, pre-approval,
    pre-approvals, preapproved, standing authorisations, standing authorizations, allowed to do without asking
up-to: up to
schedule.n: sched, scheds, lined up, programmed task, programmed tasks, programmed job, programmed jobs, timed jobs,
    standing jobs,
    routine jobs, routines, regular tasks,
    when will you next, when do you next, when are you next, when is the next, when will the next,
    when does the next,
    the next sweep, the next check, the next drift check, the next scheduled, the next digest, the next run,
    the next competitor sweep, coming up, calendar, by themselves, by itself, on a regular basis, regularly,
    without being asked, automatically, automatic jobs, on autopilot, schedule, schedules, scheduled, recurring,
    cron, cron job,
    cron jobs, crons, timetable, recurring job, recurring jobs, scheduled job, scheduled jobs, regular jobs,
    planned jobs, scheduled work, scheduled task, scheduled tasks, recurring task, recurring tasks, automation,
    automations, periodic
audit: what you have done, what you did, what you got done, log of audit, logs of audit, record of approvals,
    records of approvals, trail of, trail of every,
    log of every action, log of every, record of every, record of all,
    log of all, every action, every request, auditors, for our auditors, for the auditors,
    who did what, refusals, denials, approvals and refusals, journal of,
    auditing, audit logging, record of everything, record of what, log of everything, everything that was done,
    everything you did, everything you have done, everything that happened, everything that has been done,
    what has been done, audit, audit log, audit trail, audit logs, audit chain, audit record, audit records,
    audit history, merkle, paper trail, log of actions, log chain, logbook, entries, audit entries, log entries,
    audit entry, audits, event log, activity log, action log, chain, audited
tamper: fiddled with the logs, falsified, falsify, cooked, nobody touched, unaltered, undoctored, whole, still whole,
    gaps, gap, missing entries, holes, any holes, any gaps,
    tamper, tampered, tampered with, tamper with, messed with, touched, manipulated, been changed, been edited,
    been altered, edited, intact, integrity, untampered, altered, trustworthy, complete, unbroken, unmodified, valid,
    trust, trusted, reliable, authentic, hold up, holds up, proof, consistent, sound, tampering, messed with, forged,
    genuine, doctored
everything: down tools, emergency stop, lift the pause, end the pause, lift the freeze, end the freeze,
    everything, all, the lot, all of it, all work, all of them, anything, every single thing, whole thing,
    all jobs, all activity, all activities, all operations, all of your work, all your work, the whole show,
    every effect, all effects, all automation, all of that, the whole lot, your work, all actions, all things,
    yourself, operations, everybody, all schedules and work
known: we hold, hold on the subject, hold on that, in our files, our files, our records, the files,
    come across, picked up on, dirt on, backs that up, back that up, on record, turned up on,
    ever mentioned, ever said,
    said about, say about, says about, saying about, written about, claimed about, claim about,
    say now, says now, say currently, say today, say at the moment, say right now, currently say, currently says,
    know, known, knew, remember, recall, have on, got on, on file, learned, learnt, memory, records, dossier,
    seen, heard, recorded, our notes, remembered, have we got, aware of, intel on, intelligence on, background on,
    found out, gathered, collected, noticed, mention, mentions, mentioned, mentioning
help: allowed to ask, allowed to ask you, stuff can i ask, what all can you do,
    help, manual, instructions, documentation, commands, capabilities, guide, tutorial, usage guide, how-to,
    cheat sheet, command list, abilities, functions, capable
tool: tool, tools, command, commands, feature set, skills
vague-often: regularly, periodically, on a regular basis, on a schedule, on a timer, on a cron, at regular intervals,
    every so often, every now and then, from time to time, on a recurring basis, at intervals, routinely
channel.n: channel, channels, room
message: message, note, heads-up, heads up, announcement, word, reminder, notice, summary, notification
decided: denied, refused, rejected, turned down, knocked back, declined, waved through, signed off
approval: signature, signatures, go-ahead, approval, approvals, sign-off, signoff, permission,
    confirmation, authorisation, authorization,
    consent,
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
deleted: deleted, destroyed, removed, deletes, destroys, removes, deletion, deletions, lost, replaced, torn down,
    vanished, disappeared, taken down, gone missing
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
