"""The English verbs that requests are made of, by the concept that they stand for.

A line is `concept: word, word …`. Verbs are inflected by `lexicon`; `~` is where an object may stand (`roll ~ back`
reads `roll back dev` and `roll dev back`). A word may stand under several concepts: what surrounds it decides.
"""

from __future__ import annotations

from typing import Final

__all__ = ["IRREGULAR_VERBS", "VERBS"]

VERBS: Final = """
import: import, bulk-import, bulk import, ingest, load ~ into
deploy: push ~ through, send ~ live, pulumi up on, crack on and ship,
    deploy, redeploy, re-deploy, ship, provision, rollout, launch, roll ~ out, push ~ out, push ~ live,
    bring ~ up to date, bring ~ up to the latest version, bring ~ up to the latest, bring ~ up to the current version,
    get ~ up to date, bring ~ up, bring ~ live, put ~ live, take ~ live, go live, go live on, pulumi up, spin ~ up,
    stand ~ up,
    fire ~ up, bring ~ back up, get ~ live, make ~ live, get ~ out the door, put ~ out
update: update, upgrade, release, apply, push, publish, promote, refresh
destroy: knock ~ down, bulldoze, flatten, zap, rip ~ down, retire, sunset, put ~ out of its misery,
    pulumi destroy, pulumi down, get shot of,
    dispose of, destroy, teardown, undeploy, deprovision, decommission, nuke, obliterate, demolish, dismantle,
    wipe, annihilate, raze, trash, terminate, eradicate, vaporize, tear ~ down, spin ~ down, take ~ down,
    shut ~ down, bring ~ down, blow ~ away, wipe ~ out, burn ~ down, turn ~ down, blow ~ up,
    kill ~ off, kill, scrap, axe, pull the plug on, take ~ apart
remove: dispose of, remove, delete, drop, erase, discard, bin, ditch, eliminate, scratch, scrap, clear, get rid of,
    do away with, throw ~ away, throw ~ out, take ~ off, cross ~ off, strike, dump, clean ~ up, purge, rm
rollback: make a back, make one back, do a back, make a return, come back to, make a step back, do a step back,
    revert back, rb, chuck ~ back, whack ~ back, stick ~ back, bung ~ back, pop ~ back, flip ~ back, kick ~ back,
    throw ~ back, swing ~ back, turn ~ back, drop ~ back, walk ~ back, pull ~ back, send ~ back,
    get ~ back to,
    reverse, unwind, rollback, revert, restore, rewind, backtrack, roll ~ back, back ~ out, put ~ back,
    set ~ back, wind ~ back,
    go back, fall back, step ~ back, bring ~ back, take ~ back, return, undo, downgrade, reset, switch ~ back
repair: repair, sync, synchronise, synchronize, reconcile, heal, remediate, resync, re-sync, realign,
    make ~ look like its code, bring ~ back to what the code says, bring ~ back to its code, bring ~ back in line,
    bring ~ back in sync, bring ~ in line, bring ~ in sync, bring ~ into line, bring ~ into sync,
    bring ~ back into line, bring ~ back into sync, get ~ back in line, get ~ back in sync, get ~ in sync,
    get ~ in line, put ~ back in sync, put ~ back in line, pull ~ back in line, pull ~ back into line, make ~ match,
    make ~ consistent, bring ~ back to its declared state, bring ~ back to normal, get ~ back to its declared state
fix: sort, set ~ straight, put ~ straight, rectify,
    fix, mend, correct, patch ~ up, put ~ right, set ~ right, straighten ~ out, sort ~ out, clean ~ up, restore,
    iron ~ out, square ~ away, undo, remove, eliminate, resolve, handle, address, take care of, deal with
checkpoint: ckpt, chkpt, checkpoint, freeze ~ as a checkpoint, snapshot, snap, back ~ up, bookmark
preview: pv, pulumi preview,
    preview, dry-run, simulate, rehearse, plan, dry run
unlock: force-unlock, force unlock, forcibly unlock, pulumi cancel, pulumi cancel on,
    unlock, unblock
free: unstick, pop ~ off, knock ~ off, get ~ off, shift,
    release, free, clear, break, lift, remove, drop, delete, force, kill
save: save, store, preserve, capture
retain: keep, record
diagnose: diag, diagnose, investigate, troubleshoot, debug, analyse, analyze, triage, inspect, examine, dig into,
    look into, drill into, get to the bottom of, figure ~ out
unset: unset, config rm, pulumi config rm, config unset
set: flip, toggle,
    config set, pulumi config set, whack, jack, whack ~ up, whack ~ down, jack ~ up, knock ~ down to, push ~ up,
    push ~ down, take ~ up to, take ~ down to, drop ~ to, drop ~ down to,
    crank ~ up, crank ~ down, crank, ramp ~ up, ramp ~ down, nudge, move, put ~ back, set ~ back, switch ~ back,
    bring ~ down, bring ~ up, set, change, adjust, modify, bump, raise, lower, increase, decrease, configure, reduce,
    edit, alter, tweak, reconfigure, dial ~ down, dial ~ up, turn ~ up, turn ~ down, bump ~ up, bump ~ down, cut,
    double, halve, make, update, switch, put, overwrite, assign, enable, disable
get: config get, pulumi config get,
    get, read, fetch, retrieve, look ~ up, lookup, grab, pull ~ up, pull
watch: put ~ in vigilance, put ~ under surveillance, keep ~ under surveillance, put a watch on,
    set a watch on, stick a watch on, get eyes on, want eyes on, put ~ on the watch list,
    put ~ on our watch list, put ~ on the watchlist, put ~ on our radar, put ~ on the radar,
    keep ~ posted on, keep ~ posted about, keep ~ updated on, keep ~ updated about, keep ~ informed of,
    keep ~ informed about, keep ~ in the loop on, keep ~ in the loop about,
    keep me posted about, keep me posted on, keep us posted about, keep us posted on, keep me updated on,
    keep us updated on, keep me informed about, keep me informed of, watch, monitor, track, follow, observe, surveil,
    subscribe, keep an eye on, keep tabs on, keep track of, keep watch on, keep watch over, keep watching,
    start watching, start monitoring, start tracking, start following, begin watching, begin monitoring,
    begin tracking, keep monitoring, keep tracking, start keeping an eye on, start to watch, start to monitor,
    start to track, keep an eye out on, keep ~ under watch, keep ~ under observation, put ~ under watch,
    put ~ under observation
unwatch: quit the vigilance of, stop the vigilance of, end the vigilance of, end the watch on,
    lift the watch on, drop the watch on, stop keeping tabs on, leave off watching,
    give up watching, take ~ off the watch list, take ~ off the watchlist,
    take ~ off our watch list, take ~ off our radar, take ~ off the radar, stop the monitoring of,
    end the monitoring of, quit following, quit tracking,
    unwatch, unfollow, untrack, unsubscribe, stop watching, stop monitoring, stop tracking, stop following,
    stop observing, stop keeping an eye on, quit watching, quit monitoring, cease watching, cease monitoring,
    end monitoring of, stop to watch, forget about, discontinue monitoring of, discontinue monitoring,
    discontinue watching, discontinue tracking, discontinue the monitoring of, call off the watch on, cease tracking
snooze: put a lid on, shut up about, pipe down about, stop pestering me about, stop pestering us about,
    stop pinging me about, stop pinging us about, stop bugging me about,
    ignore, give ~ a rest, quiet ~ down, keep ~ quiet, keep ~ muted, leave ~ muted, leave ~ alone until,
    leave ~ be until, hold off on alerts, stop alerting me about,
    stop alerting me on, stop alerting us about,
    stop alerts from, stop alerts for, stop alerts about, stop bothering me about, stop bothering me with,
    stop notifying me about, stop notifying us about, snooze, mute, silence, quiet, quieten, hush, suppress, shush,
    put ~ to sleep, keep quiet about, stay quiet about, be quiet about, hold off alerts, hold off alerting
look: look at, check, check on, go over, go through, take a look at, have a look at, look over
sweep: go look at, go and look at, go check, go and check, go round, do the rounds of, do a round of,
    make the rounds of, pull fresh copies of, get new copies of, read ~ again,
    do another pass over, do another pass of, make another pass over, take another pass at, have a fresh look at,
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
diff: diff, compare, contrast, put side by side, put ~ beside, put ~ next to, put ~ alongside, put ~ against,
    lay ~ beside, lay ~ next to, lay ~ alongside, lay ~ against, set ~ beside, set ~ next to, set ~ against,
    place ~ beside, place ~ next to, hold ~ against, hold ~ up against, hold ~ next to
recall: recall, remember
notify: make ~ aware, make ~ aware of, let ~ have, let ~ in on, pass ~ along, hand ~ over, hand ~ on, convey,
    remind,
    give ~ a shout, give ~ a yell, give ~ a bell, give ~ a nudge, give ~ a ping, give ~ a holler,
    drop ~ a line, drop ~ a note, drop ~ a message, drop ~ a word, tip ~ off, chuck,
    bung,
    confirm, pop, shoot, stick, circulate, fire ~ off, whisper, make sure, ensure, tell, post, send, message,
    announce,
    share, notify, inform, ping, broadcast, publish,
    forward, relay, report, write, alert, drop, say, let ~ know, give ~ a heads up, give ~ a heads-up, pass ~ on,
    put, brief, warn, update, dm, shout, leave, mention, submit, transmit, communicate, email, e-mail, cc
rate: mark, flag, rate, label, classify, dismiss, vote, tag, grade, score, log, record, thumbs-up, thumbs-down,
    upvote, downvote, count, treat, note, file
cancel: bin, scrap, scrub, ditch, knock ~ on the head, axe,
    cancel, abort, stop, halt, kill, interrupt, quit, end, terminate, call ~ off, break ~ off, drop, abandon,
    pull the plug on, give up on
revoke: yank, strike ~ off, claw ~ back, cut ~ off,
    revoke, rescind, withdraw, invalidate, void, retract, pull, cancel, remove, delete, kill, end, take ~ back,
    take ~ away, repeal, annul, nullify, undo, terminate, strip
pause: cease,
    down tools, down tools on, put the brakes on, hit the brakes on, call a halt to, bring ~ to a halt,
    bring ~ to a stop, stand ~ down, park,
    emergency stop, pause,
    suspend, hold, freeze, halt, stop, put ~ on hold, put ~ on ice, disable, deactivate, turn ~ off,
    switch ~ off, stand down, shelve, put a hold on
resume: fire ~ back up, crack on with, lift the pause on, bring ~ back online,
    lift the hold, lift the hold on, lift the suspension, lift the suspension of, end the hold, remove the hold,
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
show: put together, gather, compile,
    highlight, point ~ out, emphasise, emphasize, give a rundown of, give me a rundown of, pull together,
    give an account of,
    give me an account of, have a statement of,
    provide, furnish, supply, show, list, display, print, name, see, view, summarise, summarize, describe,
    enumerate, output, outline,
    explain, walk me through, catch me up on, catch me up, catch us up, fill me in on, bring me up to speed on,
    bring me up to date on, bring us up to date on,
    get me up to speed on, run me through, talk me through, spell out, present, itemise, itemize, report on,
    brief me on, update me on, dump, recap, review
ask: let me have, let us have, peep, eyeball, peek at, squint at, suss ~ out, suss out, gander at, scope,
    health-check, check, ensure, make sure, find, find out, tell me, tell us, tell, let me know, let us know,
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
touch: muck about with, muck around with, muck with, mess about with, mess around with, monkey with,
    monkey around with, meddle with, faff with, faff about with, touch, do, alter, change, modify, mess with,
    tamper with, interfere with, play with, fiddle with, go near,
    run, execute, start, act, proceed, move, try, apply, push, make, carry on, continue, write,
    take action, affect
"""

IRREGULAR_VERBS: Final = """
import: import, bulk-import, bulk import, ingest
take: takes, took, taken, taking
sweep: sweeps, swept, sweeping
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
