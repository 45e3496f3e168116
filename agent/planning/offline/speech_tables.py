"""How people wrap requests, forbid things and ask: patterns over tokens, by speech act."""

from __future__ import annotations

from typing import Final

from agent.planning.offline.patterns import Table

__all__ = ["FORBIDDING", "HOW", "HYPOTHETICAL", "PAST", "WHY", "WRAPPERS"]

WRAPPERS: Final = Table.read(
    """
mind: would|do @you @soft* mind @soft*
go: @soft* do not forget|hesitate|fail|neglect to
go: can|could|will|would|cannot @you @soft* be able|so|willing|kind|good ... to|as|and to?
go: can|could|will|would|cannot @you @soft* be @soft*
go: can|could|will|would|cannot @you @soft* help me|us @soft* to? with?
go: can|could|will|would @you @soft* go ahead and|with
go: can|could|will|would @you @soft* try to|and
go: can|could|will|would @you @soft* have|take @det look|peek|moment|second|minute to|and|at
go: can|could|will|would @you not? @soft*
mind: @i would not? mind @you
go: would @you @soft* like|care to
go: @i am|was|were @soft* wondering|hoping|asking|curious if|whether|that you could|can|would|might @soft*
know: @i am|are|was|were @soft* needing|wanting|requiring|wishing for? @soft*
know: it|that would|will|might be @soft|very|so|quite*
    wonderful|great|nice|good|lovely|helpful|useful|interesting|awesome|
    fantastic|perfect|handy|ideal|brilliant|amazing to @soft* know|see|hear|learn|get|understand if|whether|about|of|at?
go: what|all @i @soft* want|need|would|like|wish|require* is|was for? @you? to? @soft*
know: @i am|was|were|have @soft* wondering|curious|asking|interested if|whether|in|about|to? know|see|hear?
go: @i am|was|were @soft* wondering|hoping if|whether|that you could|can|would|might @soft*
go: @i would|will|shall|am|was be? @soft* grateful|happy|glad|delighted|thankful|obliged if you could|can|would @soft*
go: @i would @soft* appreciate it? if you could|can|would @soft*
go: it would|will|might be ... if you could|can|would @soft*
go: that would|will be ... if you could|can|would @soft*
go: if you could|can|would|might|may @soft*
go: if it is not ... could|can|would you @soft*
go: is|are there any|a chance|way @you|that could|can|might|would? @you? could|can|might|would? @soft*
go: any chance @you could|can|might|would @soft*
go: would|will|is it be? possible for @you to @soft*
know: @i @soft* would|need|want|wish|like|have|love @soft* like|love|want|need|wish|prefer|have? @soft* to @soft*
    know|see|hear|understand|learn|find|get|look|view if|whether|out|about|at|of?
go: @i @soft* would|need|want|wish|like|have|require|expect|got|ought|must @soft*
    like|love|want|need|wish|prefer|appreciate|have|for|got? @soft* @you to @soft*
go: @i @soft* would|need|want|wish|like|have|got|ought|must @soft* like|love|want|need|wish|prefer|have|got? @soft*
    to @soft* go|ahead? and?
know: do|would|could|can @you happen? to? know|have|remember @det? idea|clue? if|whether|of|about|on?
know: @i am|was @soft* wanting|looking|needing|wishing|keen|eager|hoping|trying to @soft*
    know|see|hear|understand|learn|find|get if|whether|out|about|of?
know: any|no idea|clue if|whether|of|about|on|how|what|why?
know: can|could|may|might @i @soft* see|get|have|know|view|hear|look|take|ask @soft* at|a|about|if|whether?
know: can|could|may|might @i @soft* trouble|bother|ask|pester @you for
know: let me|us @soft* see|hear|look @soft* at|if|whether?
know: it? is|would it? be? possible to @soft* see|know|have|get|check|look @soft* at|if|whether?
know: just? curious|wondering if|whether|about|what|how|why?
suggest: let us|me @soft* discuss|debate|talk|chat|argue about|over|of? @soft*
go: let us @soft* go? ahead? and?
go: go|come and? @soft*
suggest: let me @soft*
go: go ahead and|with|, to? @soft*
go: feel free to @soft*
go: @you can|may @soft* go? ahead? and?
go: make|be sure to|that|you|@you @soft* @you?
go: remember|start to|by|and @soft*
go: @soft* try|retry|attempt to|by|and? @soft*
go: help me|us @soft* to? with?
go: be so? kind|good|nice|dear|sweet|sport as|and|enough to? @soft*
go: can|could|will|would|please? somebody|someone please? @soft* @you? please
go: can|could|will|would somebody|someone @soft*
go: be @soft*
go: do me|us a favor|favour|kindness and|:|,|by @soft*
go: it is|was high? time to|for|@you @soft* to?
go: time to|for @soft*
go: your job|task|mission|assignment is to @soft*
go: @i am asking|telling|instructing|ordering|begging|asked @you to @soft*
go: @i need|want|could use|would like your? help|hand|assistance to|with|in @soft*
go: next|first|second|third|last|then|finally @soft* ,?
suggest: @i can @soft*
suggest: @i|@you @soft* should|could|might|ought @soft* to? @soft*
suggest: @i think|believe|guess|feel|suppose that? @i|@you @soft* should|could|might|ought|need|must @soft* to? @soft*
go: @you @soft* must @soft*
go: @i need|want|require|wish|would like? that @soft*
suggest: how|what about @soft*
suggest: fancy @soft*
suggest: why do not @i|@you @soft*
suggest: why not @soft*
suggest: shall|should @i|@you @soft*
suggest: maybe|perhaps|possibly @i|@you should|could|can|might @soft*
suggest: @i @soft* thinking|considering|planning|tempted|inclined about|of|on|to|whether? @soft*
suggest: @i am|was|were @soft* thinking|considering|planning|tempted|inclined|about|going|trying|hoping|meaning|
    supposed about|of|on|to|whether? to? @soft*
suggest: @i @soft* will|shall|may|might|plan|intend|hope|wish|dare|suggest|propose|recommend @soft* to|that|you|like?
    @soft*
go: @i would|do @soft* like|love|want|prefer|appreciate|have @soft* to? have|see|get?
suggest: @i would suggest|propose|recommend|advise @soft*
suggest: @i would @soft*
suggest: imagine|suppose|supposing|pretend|assume|hypothetically|theoretically that|if|,? @i|@you? @soft*
"""
)
"""What people put around a request: `go` leaves it a request, `know` asks, `suggest` makes it an idea."""

FORBIDDING: Final = Table.read(
    """
forbid: @soft* do|does|did|would|should|must|can|could|will|shall|may not @you? ever|even|you?
    dare|want|need|like|try|wish|think|plan|think? to?
forbid: @soft* never|not|cannot ever? again?
forbid: @i|@you|@they @soft* do|does|did|would|should|must|can|could|will|shall|may|am|are|is|need|ought|had not
    @soft* want|need|like|wish|think|believe|to|be|have|allowed|permitted|supposed|planning|going|asking|rather|
    better|ready|up? to|for|of|@you|a|any? to?
forbid: @i|@you|@they|@stack @soft* never|cannot @soft* want|need|asked|said|told|asking|be? for|to|@you? to?
forbid: @they|@stack ... should|must|may|can|could not @soft* be|been|to?
forbid: @they|@stack ... is|are not to be?
forbid: @they|@stack ... cannot|never be?
forbid: nobody|none @soft* should|must|may|can|shall|will|gets|ever
forbid: nobody|none @soft* is|are|has to|allowed|permitted|supposed|cleared
forbid: no one|no-one|more|further|need|longer|new|automatic|additional|way|reason|chance? @soft* to?
forbid: be|stay @soft|very|extra* careful|sure|certain|mindful not to?
forbid: not @det? @soft*
forbid: hands|keep|stay|back|lay off|away|clear|out from|of? @soft*
forbid: keep ... hands|away|off|out
forbid: leave ... alone|be|untouched|as|intact|unchanged|is
forbid: keep|leave @det ... as it|they|is|are
forbid: keep|leave @det ... unchanged|untouched|intact
forbid: leave @det? @name|@it|@everything
forbid: keep @det? @url|@id|@name|@number @stack.n|running|going|as|alive|up|where|is|@it|@be* $
forbid: avoid|refrain|abstain|desist|resist|skip|forgo|forego|omit|postpone|delay|defer|veto|ban|prohibit|forbid|
    prevent|oppose from|on? @soft*
forbid: cease from
forbid: hold|wait off|fire|on|up|with @:ing|on|with? @soft*
forbid: quit @:ing
forbid: stop|cease|quit trying|attempting to @soft*
forbid: cancel|withdraw|ignore|forget|disregard|drop|scrap|retract|reject @det|any*
    @work|request|order|wish|plan to @soft*
forbid: stop|cease|halt|quit taking|making|creating|doing|running|performing @det? @soft*
    @checkpoint.n|@deploy.n|@rollback.n|@repair.n
forbid: neither @soft* @:base|@:ing
forbid: no|none @soft* @deploy:ing|@update:ing|@destroy:ing|@rollback:ing|@repair:ing|@checkpoint:ing|@unlock:ing|
    @set:ing|@sweep:ing|@notify:ing|@cancel:ing|@revoke:ing|@pause:ing|@resume:ing|@remove:ing
forbid: stop|cease|halt @deploy:ing|@update:ing|@destroy:ing|@rollback:ing|@repair:ing|@checkpoint:ing|@unlock:ing|
    @set:ing|@sweep:ing|@discover:ing|@notify:ing|@rate:ing|@cancel:ing|@revoke:ing|@snooze:ing|@pause:ing|@resume:ing|@remove:ing
forbid: @i|@you|@they @soft* not want|need|like|wish that? @you? to?
forbid: without @soft* @:ing?
forbid: instead|rather of|than
forbid: under no circumstance|circumstances|condition|conditions|account
forbid: in no case|way|event
forbid: on no account
forbid: there is|are|was not? no|any? need|reason|point|sense to|in|for
forbid: it is|was|would @soft* not|forbidden|prohibited|wrong|unwise|stupid|dangerous|insane|crazy ... to
forbid: @i forbid|prohibit|refuse|hate|oppose|object|decline|dread @you? to? from?
forbid: @i would hate|rather|prefer for? not? @you? to? not?
forbid: @i would rather|prefer @you? not|did|to? not? to?
forbid: the last thing @i want|need is to|for?
forbid: last thing
forbid: anything but
"""
)
"""How people say what they don't want."""

HOW: Final = Table.read(
    """
how: how do|does|can|could|should|would|might|did|must|shall @i|@you|one|somebody|someone|people @soft*
how: how do|does|can|is|are|do @det? @deploy.n|@grant|@approval|@schedule.n|@rollback.n|@sweep.n|@checkpoint.n|@audit|
    @alert|@preview.n work|works|happen|function|get|look|@:past|made|done
how: how one|people|somebody|someone @:third
how: how one|people|somebody|someone|@i|@you can|could|do|does|would|should|might @soft*
how: what does|do|would|did it|that|this mean|imply|involve to|when|if|that
how: what is|does it? meant by
how: what happens|would|will happen? if|when @i|@they|@who|people
    tell|tells|ask|asks|say|says|told|asked
how: which|what steps|commands|step @be|@modal ... to
how: what would|does|will|might it take to
how: what does|do ... mean|means|entail $
how: who|whose @soft* has|have|must|needs|need|should|can|may|could to? @approve
how: am|are @i|@they|anybody allowed|permitted|authorised|authorized|entitled to
how: how to|come? @soft* @:base
how: how @:base i|@i
how: how @det? @:base @i
how: how would|do|can|could @i go about
how: what is|are|was the? best|right|correct|proper|easiest|quickest|usual|recommended|safest|way|procedure|process|
    steps|step|command|commands|syntax|trick way|procedure|process|steps|command? to|for|of @soft*
how: what is|are the way|procedure|process|steps|commands to|for
how: what do|does|would|should|must @i @soft* need|have to? do|say|type|write|know|tell|ask
how: what do|does @i|@you mean
how: what should|do|must|can|could @i @soft* say|type|write|ask|tell
how: what does|do|is|are|was @det @deploy.n|@rollback.n|@repair.n|@checkpoint.n|@preview.n|@sweep.n|@drift|@grant|
    @schedule.n|@approval|@lock|@destroy.n|@diff|@snooze|@audit|@before-after|@stack.n @soft*
    do|mean|for|good|involve|cover|include|entail|work|look?
how: what does|do @:ing|@:base|@drift ... do|mean|involve|entail
how: what is|does @drift|@checkpoint.n|@deploy.n|@rollback.n mean?
how: are|were @you @soft* able|capable|allowed|designed|built|trained|equipped|permitted to|of @soft*
how: do|does @you @soft* support|handle|offer|provide|include|speak|understand|allow|do
how: do @you know how to
how: is|are|would|will there|it @soft* be? a|any|some? way|possibility|option|possible|command|tool|how-to
    for|of|to|that? @i|@you|me|us? to|could|can?
how: what|which sort|kind|kinda|kinds|types|sorts|type of? things|stuff|requests|questions|tasks|work|thing
    can|could|do|are @you|@i
how: what are? @you are? for|about|good $
how: what|which things? cannot|can|could|do|does|will|would not? @you not? @soft* do|handle|touch|see|help $
how: what can|could|do|are|else @you @soft* can|do|able|capable|good|else|help|offer|support|know
how: how does|do|did|would|should this|it|that|everything|all|sophia|they? work|works|function|operate $
how: how does|do|is @you @soft* work|works|function|operate $
how: what does|is|do @tool ... do|mean|for|good|work|$
how: what @you can|are|could|know @soft* able|capable|of|to|can* do
how: what all? can|could @i|one|people @soft* do|ask|say|use
how: who|what are|is @you $
how: who are @you
how: write|note|jot|type|scribble down|up|out? @soft* how|what|why|when|where|which|who
how: teach|train|guide|instruct|coach me|us
how: explain|describe|clarify|tell|show|demonstrate @them? to? @them? @soft* how @soft*
    to|@i|@you|a|an|one|@approval|@grant|@schedule.n|@drift|@deploy.n|@rollback.n|@checkpoint.n|@audit|@stack.n|
    things|this|it|@preview.n
how: explain @them? to? @them? @soft* @det? @approval|@grant|@schedule.n|@drift|@deploy.n|@rollback.n|@checkpoint.n|
    @preview.n|@audit to? @them? $
how: explain|describe @them? to? @them? @soft* what
how: @ask|@show|@generate @soft* how @soft* to|do|does|can|would|@i|@you|one|a|an
how: @ask|@show @soft* what @det @deploy.n|@rollback.n|@repair.n|@checkpoint.n|@preview.n|@grant|@schedule.n
    is|does|means|do|involves
how: walk|talk|run|guide me|us through how|the|what steps|process|to|@i|a?
how: where|how|what can|do|should|would @i @soft* find|learn|read|see|get|start @soft* about|out|how|the
    documentation|docs|help|manual|guide|to?
"""
)
"""How it is done, what it means, what can be done here at all."""

HYPOTHETICAL: Final = Table.read(
    """
hyp: is|are|was|would|will|were|could|might @they|now|today|tonight|tomorrow|@later|@stack @soft* not? be? ... @safe
hyp: are|am|is @i|@stack|@you @soft* safe|ok|okay|ready|good|clear|allowed|able|free|fine|prepared|set|in
    to|for|with|on|that|if|shape|a
hyp: should|shall|can|may|could|must|ought|might|would @i|one @soft*
hyp: what|which|how|anything ... @deploy.n|@destroy.n|@rollback.n|@repair.n|@destroy of|on|for|to|in? @det? @stack?
    @soft*
    would|will|might|could
hyp: what @soft|all* would|will|could|might|may|happens|happen|if|does|do|changes|breaks|is|are ...
    happen|change|break|if|@deploy|@rollback|@destroy|@repair|@unlock|@preview.n
    do|affect|touch|cost|modify|delete|destroy|remove|alter?
hyp: what if
hyp: what @would-change
hyp: what happens|changes|breaks|goes
hyp: what is|are|would|could @det? risk|risks|impact|effect|effects|consequence|consequences|downside|downsides|
    danger|dangers|blast|implications|harm|damage|side
hyp: how risky|safe|dangerous|bad|disruptive|destructive|invasive|big|large|hard|wise|smart|harmful
hyp: do|does @i|@stack|@it|@det @soft* need|have|want|require|deserve|warrant|stack? @soft*
    to|a|an|any|another|some|@deploy.n|@rollback.n|@repair.n|@:ing|@:past
hyp: would|will|could|can|might|does|do|is|should|must|may @deploy|@destroy|@rollback|@repair|@unlock|@checkpoint|
    @set|@sweep|@pause|@resume|@update|@cancel|@revoke|@snooze|@unwatch|@remove|@restart
hyp: would|will|could|can|might|does|do|is|should|must|may @det ...
    @deploy.n|@destroy.n|@rollback.n|@repair.n|@deploy|@rollback|@checkpoint.n
hyp: any|is|are|what there? any? risk|harm|danger|problem|issue|objection|objections|reason|downside|concerns|concern|
    point|worry in|to|with|if|not?
hyp: how would|will|does ... look|behave|react|change|affect|impact|influence
hyp: which|what resources|services|things|resource|service|thing|parts|databases|buckets
    would|will|get|gets|is|are|could|might
hyp: should|must|can|could|may|might @stack|@they|@det
hyp: does|do|would|is it|that|this make|be|sense|there sense|sensible|any
hyp: worth @:ing
hyp: safe|ok|okay|wise|risky|good idea|time|moment? to|for
hyp: would|will it hurt|help|harm|matter|break
"""
)
"""What would happen, whether it is wise: about an action that nobody asked for."""

WHY: Final = Table.read(
    """
why: why @soft* @be|@did|@modal|@they|@stack|@i|@you|@det|@name|@time
why: why|how so|not|come? $
why: how come
why: what @soft* caused|causes|causing|made|makes|broke|triggered|triggers
why: what is|was|has|have|been ... causing|wrong|broken|going wrong|the matter|failing|behind|up with
why: what went|goes|has|is gone? wrong|bad|sideways|south
why: @ask @soft* why|what caused
why: reason|cause|explanation for|of|why|behind
why: what is|was|are|were @det reason|cause|culprit|problem|issue|matter|root|trouble|error
"""
)
"""What is behind something."""

PAST: Final = Table.read(
    """
past: did|had @soft* @i|@you|@they|@who|@det|@schedule.n|@deploy.n|@sweep.n|@rollback.n|@name|@everything|@grant
past: has|have|was|were|had @soft* @config-key|@i|@you|@they|@who|@det|@name|@deploy.n|@rollback.n|@sweep.n|
    @schedule.n|@grant|@everything|@stack @soft*
past: when|how|who @soft* often|by? @they|@stack|@it|@det @name? @stack.n? was|were|got|had|has|is
    @soft|last|first|ever|recently* @:past|been
past: when|who|which|how @soft* often|many|times|recently|long? @soft* did|was|were|has|have
past: whom was|were|did|has|have
past: who gave|granted|issued ... @approval
past: who @soft* else? @soft* @:past|did|last|was|were|has|have|had
past: when|how @soft* long ago|recently did|was|were|has|have
past: what|which ... did|has|have @competitor
past: what|everything|all @det? @competitor|@competitors @soft* did|do|does|have|has
past: what @soft* did|has ... do|done|change|changed|touch|touched|alter|altered|edit|edited ... @stack
past: what @soft* did|have|has @soft* @i|@you|@who|@they|@competitor|@competitors|@det
past: what|which @soft* did|has|have ... @approve:base|@approve:past|@deploy:base|@destroy:base|@rollback:base|
    @revoke:base|@pause:base
past: which|what|whose version|versions|build|commit|release|tag|code|person|people|user|users|colleague|stack|stacks|
    deploys|deployments|changes|operator|teammate @:past|did|was|were|has|have
past: how many|much @soft* times|deploys|deployments|rollbacks|updates|releases|sweeps|checkpoints
past: last time @i|@you|@they|@who|@stack|@det
past: when was|were|did|has|have|had
past: what happened|was|were|has|got|went
past: who @soft* asked|told|wanted|ordered|instructed @you
past: any|anyone|anybody|someone|somebody recent|who|else? @:past|@:ing|@deploy.n|@rollback.n
past: is|are|was|were @det? @name? @deploy.n|@rollback.n|@sweep.n|@destroy.n ...
    done|finished|through|complete|completed|over|successful|ok|okay|fine
"""
)
"""What was done, by whom, when."""
