"""What requests mean: for each tool the main verbs and the things beside them that ask for it.

A row reads `tool: verbs + thing + thing ~ hint !not`. All verbs and things are concepts of the vocabulary; `a|b` is
either. A hint adds a little, a thing after `!` rules the row out. The row that explains most of a clause wins, and two
rows that explain it about as well make a question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.planning.offline.tables import rows as table_rows

__all__ = ["COMMANDS", "EFFECTS", "HYPOTHESES", "INQUIRIES", "PASTS", "TO_COME", "Reading"]


@dataclass(frozen=True)
class Reading:
    """One way of asking for a tool."""

    tool: str
    verbs: frozenset[str]
    things: tuple[frozenset[str], ...]
    hints: frozenset[str]
    bars: frozenset[str]
    weight: float = 0.0


def _rows(table: str) -> Iterator[Reading]:
    for line in table_rows(table):
        tool, _, rest = line.partition(": ")
        tool, _, weight = tool.partition(" ")
        required: list[str] = []
        hints: set[str] = set()
        bars: set[str] = set()
        target = "things"
        for word in rest.split():
            if word == "~":
                target = "hints"
            elif word.startswith("!"):
                bars.update(word[1:].split("|"))
            elif word != "+":
                required.append(word) if target == "things" else hints.update(word.split("|"))
        groups = tuple(frozenset(word.split("|")) for word in required)
        yield Reading(tool, groups[0], groups[1:], frozenset(hints), frozenset(bars), float(weight or 0))


COMMANDS: Final = tuple(
    _rows(
        """
stack_up: deploy ~ stack|stack.n|code !schedule.n|grant|url|audit|alert|competitor
stack_up: update + stack|stack.n ~ code !config-key|pair|lock|schedule.n|competitor|config|number
stack_up -1: add|run|set + deploy.n ~ stack
stack_up: get|run|add|set + code + stack !config-key|pair|watchlist|output|history|earlier
stack_destroy: destroy ~ stack|stack.n !schedule.n|grant|url|thread|work|lock|alert|watchlist|drift|checkpoint.n|
    everything
stack_destroy: destroy + stack ~ everything !schedule.n|grant|url|thread|work|lock|alert|watchlist|drift|checkpoint.n
stack_destroy: remove + stack-here|stack.n !aligned|schedule.n|grant|url|thread|lock|alert|watchlist|drift|
    checkpoint.n|config|config-key|domain|output|history|health|audit
stack_rollback: rollback ~ stack|stack.n|checkpoint.n|deploy.n|code
    !drift|aligned|grant|schedule.n|lock|url|config-key|pair
stack_rollback: rollback + stack|checkpoint.n !drift|aligned|grant|schedule.n|lock|url|config-key|pair
stack_repair: repair ~ stack|stack.n|drift|aligned !lock|url|schedule.n
stack_repair: fix|repair|rollback|remove|free + drift|aligned ~ stack|stack.n !lock|url
stack_checkpoint: checkpoint ~ stack|stack.n|checkpoint.n !schedule.n
stack_checkpoint: add|set|run|get|save|retain|rate + checkpoint.n + stack|stack.n|it !rollback
stack_checkpoint: pause|checkpoint + checkpoint.n + stack|stack.n|state
stack_checkpoint: save + state|checkpoint.n|stack ~ stack !url|alert
stack_checkpoint: retain + state|checkpoint.n ~ stack !url|alert
stack_unlock: unlock ~ stack|stack.n|lock
stack_unlock: free|remove|cancel|destroy|fix|rollback|get|set|revoke + lock ~ stack|stack.n
stack_config_set 1: set|update|add|run + config-key|pair ~ stack|number|config !as-it-was
stack_config_unset 2: unset + config-key ~ stack|config
stack_config_unset 1: remove|free + config-key ~ stack|config !schedule.n|grant|lock|url|drift|alert|id
stack_config_set 1: pause|resume|cancel + config-key + stack !schedule.n|grant|lock
stack_config_set: set|update + it + number|quote ~ stack|config-key !schedule.n|alert|url
stack_config_set -1: set|update + config ~ stack|number
competitor_import 1: watch|add|get|run|set|import + file ~ page|watchlist|aspect|competitor|competitors|channel|
    everything
competitor_dry_run 2: dry-run|watch|run|get|ask|show|preview|save|verify + try-out + url ~ watch|watchlist|page
competitor_watch: watch + url ~ aspect|watchlist|competitor
competitor_watch: retain + url + them|channel ~ aspect|competitor !stack|until
competitor_watch: watch + page|aspect|competitor|competitors|it !domain
competitor_watch: add|set|run|get + url + watchlist|watch ~ aspect
competitor_watch -1: add|set|run + watchlist|watch ~ page|aspect|competitor
competitor_watch -1: add|set|run + url + aspect
competitor_discover: discover + domain|page|url|competitor|watch|watchlist|it
competitor_discover -1: discover
competitor_discover: watch + domain
competitor_discover: ask|show|get|sweep|diagnose|add|run + domain + watch|watchlist|page|known
competitor_discover -1: ask|show|sweep|diagnose|add + domain
competitor_unwatch: unwatch ~ url|page|competitor
competitor_unwatch: remove|cancel|pause|free|revoke|destroy|get + url ~ watchlist|watch|page
competitor_unwatch: remove|cancel|pause|free|revoke|destroy|get + watchlist|watch ~ url|page|it
competitor_snooze: snooze ~ url|page|until|alert|it
competitor_snooze: pause|cancel|add|run|get|touch + url|watchlist|alert + until !schedule.n
competitor_snooze: touch|ask + url + until
competitor_snooze: pause + url|page ~ alert|watchlist !schedule.n
competitor_sweep: ask|get + competitor|competitors + page + fresh
competitor_sweep -0.5: look + url !change|before-after|watchlist|watch|stack|until|often|later|discover
competitor_sweep 0.5: look + competitor|competitors + page ~ fresh
    !change|aspect|stack|before-after|watchlist|watch|known|since|often|later|wh
competitor_sweep: look + competitor|competitors + fresh ~ everything|page !change|aspect|stack
competitor_sweep: ask|get|run + competitor|competitors + fresh-data
competitor_sweep: get + url + fresh|fresh-data
competitor_sweep: sweep ~ competitor|competitors|url|page|everything|it !stack|schedule.n
notify: notify + channel ~ quote|message|result|it|payload
notify: notify + message !me
notify -1: notify + quote|payload
notify -0.5: show|ask|get|add|run + channel + message|quote|payload
alert_feedback: rate + alert ~ noise|useful|id|number
alert_feedback: rate + noise|useful + id|number|it|alert !stack
alert_feedback -1: add|set|run|show|notify|ask + alert + noise|useful
alert_feedback 0.5: ask|show|notify|get + such + id|alert !stack
work_cancel 0.3: cancel + thread|work|deploy.n|sweep.n|rollback.n|repair.n|preview.n|check.n|destroy.n ~ it|id
    !schedule.n|described|grant|lock|url|watchlist|everything
work_cancel: cancel + it !schedule.n|grant|lock|url|watchlist|everything
work_cancel: cancel|destroy + thread ~ id !schedule.n|grant
work_cancel: destroy + work !schedule.n|grant|stack
grant_revoke: revoke|remove|cancel|destroy|free|pause + grant ~ id !schedule.n
alert_feedback 1: revoke + feedback + id|alert !grant
grant_revoke -1: revoke + id !stack|schedule.n|thread|checkpoint.n|url|alert|feedback
pause_all: pause|cancel|destroy + everything ~ work|soft !schedule.n|grant|stack|stack.n|url|competitor|alert|drift|
    thread
pause_all: pause|cancel + work + everything ~ soft !schedule.n|grant|stack|url|competitor|id
pause_all 0.2: pause + work ~ soft !described|sweep.n|check.n|cancel|schedule.n|grant|stack|url|competitor|id|thread
resume_all: resume|restart + everything|work|activity ~ soft !schedule.n|grant|stack|url|competitor|alert|thread
schedule_pause 0.8: pause + schedule.n|described ~ id !everything
schedule_pause -0.8: pause + sweep.n|check.n|drift|digest ~ competitor|competitors|stack|health !everything|id
schedule_resume 0.8: resume|restart + schedule.n|described ~ id !everything
schedule_pause 0.8: pause + schedule.n + everything ~ until !id|grant
schedule_resume 0.8: resume|restart + schedule.n + everything !id|grant
schedule_delete 0.2: remove|cancel|destroy|revoke|free + schedule.n + everything !id|grant
schedule_resume -0.8: resume|restart + sweep.n|check.n|drift|digest ~ competitor|competitors|stack|health !everything|id
schedule_delete 0.2: remove|cancel|destroy|revoke|free + schedule.n|described ~ id !everything
schedule_create: schedule + often|later|sweep.n|sweep|check.n|drift|stack|competitor|competitors|health|preview.n|
    deploy.n|deploy|it ~ often|later !id|url
schedule_create: add|run|set + schedule.n + often|sweep.n|check.n|deploy.n|preview.n|drift !id
"""
    )
)
"""Rows for clauses that ask for something to be done."""

INQUIRIES: Final = tuple(
    _rows(
        """
stack_drift: drift ~ stack|stack.n|verify|check.n|code !url|competitor|aspect
stack_drift: diff|before-after + stack|stack.n + code
stack_drift -1: aligned + stack
stack_health: health ~ stack|stack.n|check.n
stack_health: well + stack|stack.n !change|drift|trouble|competitor
stack_health: down + stack|stack.n !competitor
stack_health -1.5: look + stack !competitor|competitors|url|config|config-key|history|change|output|lock|
    schedule.n|audit|alert|spend|preview.n|deploy.n|checkpoint.n|drift|aligned|code|pair|trouble|grant|thread|work|page|who|would-change
stack_health: state + stack|stack.n ~ check.n !drift|config|lock|competitor|schedule.n|audit
stack_diagnose: diagnose + stack|stack.n|trouble|deploy.n|it ~ health !competitor
stack_diagnose: diagnose.n ~ stack|stack.n|trouble|deploy.n|why !competitor|competitors
stack_diagnose: trouble + stack|stack.n ~ why !competitor|drift
stack_diagnose: lock + stack|stack.n !history
stack_diagnose -1: trouble ~ why !competitor|competitors|alert
stack_outputs: output ~ stack|config-key !competitor|domain|watchlist|config|page
stack_outputs -0.7: output !competitor|competitors|domain|watchlist|watch|config|url|aspect|change|known
stack_outputs: output + stack ~ config-key !competitor|watchlist
stack_history: history ~ stack|stack.n|since !audit|competitor
stack_history: deploy.n|rollback.n|checkpoint.n + stack|stack.n ~ since|history|who
    !preview.n|preview|diagnose|check.n|trouble|would-change|health|stacks
stack_history: change + stack|stack.n ~ since|who !competitor|competitors|preview.n|would-change|config|output|drift
stack_config_get: config + stack|stack.n ~ config-key !competitor|drift
stack_config_get: config-key + stack ~ get|set|config !competitor|drift|output|history
stack_config_get -1: config ~ config-key !competitor|schedule.n|grant
stack_list 1: stacks + state + show|everything|ask !stack
stack_list: stacks ~ show|wh|everything !stack|config|output|history|health|drift
stack_list -0.5: stack.n + show|wh|everything|ask !audit|code|stack|config|output|history|health|drift|trouble|
    well|state|change
stack_preview: preview ~ stack|deploy.n|deploy|stack.n !competitor|competitors|known|aspect
stack_preview: would-change + stack|stack.n|deploy|deploy.n|rollback|destroy|update|deploy.n|it !competitor
stack_preview -1: would-change !competitor|competitors|page|url
stack_preview: preview.n|pending + stack|stack.n|deploy.n !competitor
stack_preview: before-after|diff + deploy|deploy.n + stack|stack.n !competitor
competitor_targets: watchlist ~ competitor|competitors|page|wh|show|url|aspect !change|domain|trouble|stack
competitor_targets 1.2: watch + competitor|competitors|aspect|page|url !change|domain|stack
competitor_targets: watch ~ competitor|competitors|page|wh|show|url|aspect !change|domain|stack
competitor_targets 1.5: feedback ~ alert|wh|show !id|number|stack
competitor_targets 1: alert + noise|useful ~ wh|show !id|number|stack
competitor_targets -0.5: competitors ~ wh|show|page|everything !change|before-after|known|sweep|preview.n
competitor_targets: page + competitor|competitors + watchlist|watch|show ~ wh !change|before-after|aspect|deleted
competitor_targets 1: snooze + wh|show|page|url|competitor|competitors|alert|until|everything ~ be
    !who|did-what|schedule.n|stack|channel
competitor_changes 1: deleted + competitor|competitors ~ since|page|aspect|show !stack
competitor_changes: change + competitor|competitors ~ aspect|since|page|url !would-change|stack
competitor_changes: change + aspect|page|url ~ since|competitor !would-change|stack
competitor_changes: sweep|sweep.n + competitor|competitors|known|result ~ change|since !schedule.n|stack
competitor_changes 0.2: digest ~ wh|show|ask|competitor|since !set-up|schedule.n|stack
competitor_changes -0.6: change ~ since|wh|show !would-change|stack|stack.n|deploy.n|deploy
competitor_changes: alert + since|competitor|competitors|wh|show|ask !lock|stack|id|number
competitor_changes -0.5: aspect=client_wins|aspect=job_postings + since + who !stack
competitor_changes: up-to + competitor|competitors ~ wh|since
competitor_changes -0.5: aspect=client_wins|aspect=job_postings|aspect=product_updates + competitor !known
competitor_changes -1.2: competitor + since ~ aspect
competitor_diff 1.2: before-after + competitor|aspect|page|url|it ~ change !stack
competitor_changes: diff + competitor|competitors + change + since ~ aspect !stack
competitor_diff: diff + competitor|competitors|aspect|page|url ~ change|before-after !stack
competitor_diff -0.8: before-after|diff ~ show !stack|stack.n|drift
competitor_changes 0.3: known + competitor|competitors + since !stack
competitor_recall: known + competitor|competitors|aspect ~ wh !change
competitor_recall 2: diff + two-competitors ~ aspect !change|before-after|since|stack
competitor_recall: recall + competitor|competitors|aspect
competitor_recall -1: competitor ~ wh|aspect !watchlist
competitor_recall -1: competitors ~ wh|aspect|known
competitor_recall: competitors + matter ~ wh|aspect|known !watchlist|sweep.n|schedule.n|alert
work_status: work ~ you|wh|state|thread !schedule.n|grant|stack|stack.n|competitor|audit|drift|health|history|trouble|
    often|domain
work_status -0.7: thread|state ~ id|you !stack|stack.n|schedule.n|competitor|grant|audit|check.n|sweep
work_status: approval ~ wh|show|work !stack
audit_log 0.7: approval + since ~ wh|who !state|pending|stack
audit_log 0.8: approval + decided ~ since|wh|audit
spend: spend ~ since|you|wh !competitor|aspect|stack
spend -0.5: spend ~ since|you|wh !competitor
grant_list: unasked + wh|you|show|ask
grant_list: grant ~ wh|show|everything !history
schedule_list 0.5: described + set-up ~ wh|competitor|show
schedule_list: schedule.n ~ wh|show|state|sweep.n|everything !history
schedule_list 0.5: vague-often + wh !stack|competitor|competitors
schedule_list -0.5: later + run + wh !competitor|competitors|stack|since|you|change|audit
schedule_list -0.5: often ~ wh|run|sweep !competitor|stack
schedule_list: sweep.n + often|later ~ wh !history
audit_log: audit ~ since|stack|show|who|history !tamper|verify|spend
audit_log -0.5: history + you|work|everything ~ since !stack|stack.n
audit_log -0.4: activity ~ since|everything|who|you !competitor|competitors|stack
audit_log -0.4: change|did-what + who|you|everything ~ since !competitor|competitors|stack|aspect|page
audit_verify: audit + verify|tamper|well|trouble|check.n|health !since
audit_verify: tamper + audit|history|logs ~ verify !stack|config
audit_verify -0.5: verify + audit
competitor_dry_run 2: try-out + url ~ watch|watchlist|page
help: help ~ you !stack|competitor
help: tool + you|wh|show !stack|competitor
"""
    )
)
"""Rows for clauses that want to know something. No verb is needed: the first things are what the clause is about."""

PASTS: Final = tuple(
    _rows(
        """
competitor_targets 2: add|set + watch|watchlist + competitor|page|url|aspect !since|stack
competitor_changes 0.5: touch|change|set|update|did-what + competitor|competitors ~ aspect|since !stack
audit_log: did-what + who + stack ~ since !deploy|rollback|update|destroy|repair|deploy.n|rollback.n|set|checkpoint
competitor_changes: sweep|sweep.n + competitor|known|result|change !schedule.n
competitor_changes 1: set|notify|update|add|free|deploy + competitor ~ aspect|since !stack|channel
stack_history: deploy|update|destroy|rollback|repair|fix|checkpoint|unlock|set|restart|free|remove|touch +
    stack|stack.n ~
    since|who !audit
audit_log: audit + did-what|who|stack ~ since|stack
audit_log: deploy|update|destroy|rollback|repair|checkpoint|unlock|set|revoke|pause|resume|notify|watch|unwatch|
    snooze|sweep|schedule|cancel|discover|rate|add|free|remove|restart ~ since|grant|channel|who|approval|url !stack
competitor_changes: did-what + competitor|competitors ~ since !stack
audit_log: did-what ~ who|since|stack|you !competitor|competitors
audit_log -0.5: approve ~ since|who|stack
"""
    )
)
"""Rows for questions about what was done."""

HYPOTHESES: Final = tuple(
    _rows(
        """
stack_preview: deploy|update|destroy|rollback|set|free|remove|checkpoint|restart + stack|stack.n|it ~
    would-change|preview.n !lock
stack_drift: repair|fix + stack|stack.n|drift|it
stack_diagnose: unlock|free|remove + stack|stack.n|lock|it
competitor_discover: watch + domain
competitor_targets: watch|unwatch|snooze|add|remove + url|page|competitor|watchlist !stack|domain
competitor_changes: sweep + competitor|competitors|page|url !stack
grant_list: revoke|remove|cancel + grant
schedule_list: pause|resume|remove|cancel|destroy|schedule + schedule.n
work_status: pause|resume|cancel|restart|destroy + everything|work|thread !stack
stack_preview -1: deploy|update|destroy|rollback !schedule.n|grant
"""
    )
)
"""Rows for questions about what an action would do: each is answered by looking."""

EFFECTS: Final = {
    "competitor_targets": "read", "competitor_import": "change", "competitor_dry_run": "egress",
    "competitor_watch": "change", "competitor_unwatch": "change",
    "competitor_discover": "egress", "competitor_snooze": "change", "competitor_sweep": "egress",
    "competitor_changes": "read", "competitor_diff": "read", "competitor_recall": "read", "stack_list": "read",
    "stack_preview": "read", "stack_up": "change", "stack_destroy": "destroy", "stack_checkpoint": "change",
    "stack_rollback": "change", "stack_drift": "read", "stack_repair": "change", "stack_outputs": "read",
    "stack_history": "read", "stack_diagnose": "read", "stack_config_get": "read", "stack_config_set": "change",
    "stack_config_unset": "change",
    "stack_health": "read", "stack_unlock": "change", "notify": "egress", "alert_feedback": "change",
    "work_status": "read", "work_cancel": "change", "spend": "read", "grant_list": "read", "grant_revoke": "change",
    "pause_all": "change", "resume_all": "change", "schedule_create": "change", "schedule_list": "read",
    "schedule_pause": "change", "schedule_resume": "change", "schedule_delete": "change", "schedule_retime": "change",
    "audit_log": "read", "audit_verify": "read", "help": "read",
}  # fmt: skip
"""The effects of the tools that these tables know, for those that aren't in the catalogue."""

TO_COME: Final = """
enrich: enrich|enrichment|firmographics|firmographic|technographics; fill|complete|append|research ...
    nmhc|prospect|prospects|leads; prospect|prospects|lead|leads|account|accounts
    @get|@add|@ask|@show|data|contacts
parallel_test: parallel test|tests|testing|run|runs|@try-out; test|tests|testing in parallel; a/b test|testing
provenance: provenance|lineage; where does|did this|that|it|the ... come from
prospect_report: prospect|prospects|nmhc|lead|leads ... report|ranking|list|overview|summary; @show|@ask|@generate
    ... prospect|prospects|nmhc
prospect_export: export ... prospect|prospects|leads|list|csv|crm|salesforce|hubspot; prospect|prospects ...
    export|csv
compliance_check: compliance|compliant|pci|glba|fdcpa|dss|regulation|regulations|regulatory|regulator
compliance_report: compliance report|reports
compliance_evidence: compliance|audit evidence|evidences; evidence ... pci|glba|fdcpa|compliance|auditor|auditors
fdcpa_contact: contact|call|text|sms|phone|dial|reach|email ...
    resident|residents|debtor|debtors|tenant|tenants|consumer|consumers
fdcpa_message: message|letter|wording|text|script|scripts ...
    fdcpa|resident|residents|debtor|debtors|tenant|tenants|debt
cost_forecast: what|how would|will|does|do much? it|that|this cost @them? to; what|how much? would|will
    it|that|this cost @them? to; forecast|predict|project|projection|estimate ... cost|costs|spend|spending|bill|budget;
    cost|costs|spend|spending|bill|budget ... forecast|projection|next month|next quarter
cost_limit: cap|limit|ceiling|set ... cloud? budget|cost|costs|spend|spending|bill; budget|cost|spending|spend
    cap|limit|alert; @notify|@ask|let me|us|@channel ... when|if|once|as|before ... %? of? @det?
    budget|spend|spending|costs|cost|bill|$5,000|5000|5k|cap
cost_optimize: optimize|optimise|reduce|cut|lower|save|trim|minimise|minimize ...
    cost|costs|spend|spending|bill|money; cost optimization|optimisation|savings; save money
cost_status: cloud|aws|azure|gcp|infrastructure|infra|hosting|stack|stacks|server|servers|monthly
    cost|costs|bill|spend|spending|budget|bills|invoice; @stack|@stack.n 's? cost|costs|bill|costing; @wh ... @stack
    cost|costs|costing; $5,000|5000|5k budget; over|under|within|on budget; spend|spent|spending|pay|paid|cost|costs
    on|for|to|of our|the? aws|azure|gcp|cloud|hosting|infrastructure|infra|servers
secret_rotate: rotate|rotation|roll|renew|refresh|change|reset ...
    @secret|credential|credentials|password|passwords|key|keys|token|tokens|passphrase; key|secret|credential
    rotation
secret_status: secret|secrets|credential|credentials|certificate|certificates|key|keys ...
    expire|expires|expiring|expired|stale|old|age|status|rotated|due
dashboard: dashboard|dashboards|grafana
revenue: revenue|revenues|mrr|arr|turnover; sales figures|numbers
readiness: ready ... for launch|production|golive|go-live; readiness|launch-ready|production-ready; ready for
    production|launch|golive|go-live
modernize_workflows: modernize|modernise|migrate ... workflow|workflows|pipeline|pipelines
modernize_docs: modernize|modernise ... doc|docs|documentation
modernize_report: modernization|modernisation report|status|progress; modernize|modernise
docs_generate: generate|write|create|produce|build|update|draft ... docs|documentation|readme|runbook|manual
scale_forecast: capacity|scaling|load|traffic forecast|plan|planning|prediction; forecast|predict ...
    load|traffic|capacity|scaling
scale: scale|autoscale|upscale|downscale; scaling up|down|out|in|of
"""
"""What is to come, by the words that people would use; patterns separated by `;`."""
