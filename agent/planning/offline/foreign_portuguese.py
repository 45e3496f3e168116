"""Portuguese words for what can be asked here, each with its English reading; the tables of the others lie beside."""

from __future__ import annotations

from typing import Final

__all__ = ["PORTUGUESE", "PORTUGUESE_MARKERS"]

PORTUGUESE: Final = """
deploy: implante, implantar, implanta, faça o deploy de, faça deploy de, faz deploy de, fazer deploy de,
    publique a versão
destroy: destrua, destruir, destrói, derrube, derrubar
remove: remova, remover, apague, apagar, exclua, excluir, elimine
roll back: reverta, reverter, desfaça, desfazer, volte atrás
repair: repare, reparar, conserte, consertar, corrija, corrigir
check: verifique, verificar, cheque, checar, confira, conferir
preview: pré-visualize, visualize, visualizar, simule, simular
diagnose: diagnostique, diagnosticar, investigue, investigar
unlock: desbloqueie, desbloquear, destrave, destravar
checkpoint: ponto de restauração de, ponto de controle de
take: crie, criar, tire, faça
watch: monitore, monitorar, vigie, vigiar, acompanhe, acompanhar
unwatch: pare de monitorar, pare de vigiar, deixe de monitorar
sweep: varra, varrer, rastreie, rastrear
compare: compare, comparar
pause: pause, pausar, pausa, suspenda, suspender
resume: retome, retomar, continue
cancel: cancele, cancelar, interrompa, interromper
revoke: revogue, revogar
post: poste, postar, envie, enviar, mande, avise, avisar, notifique, notificar
show me: mostre, mostra, mostrar, mostre-me, me mostre, liste, listar
tell me: diga-me, me diga, conte-me, explique
set: defina, definir, configure, ajuste, altere, alterar, mude, mudar
snooze: silencie, silenciar, adie
what: o que, qual, quais
how: como
when: quando
who: quem
why: por que, porque, porquê
where: onde
is: está, é, há
are: estão, são
i: eu
can you: você pode, pode, poderia, consegue
i want to: quero, gostaria de, preciso
we: nós, nosso, nossa, nossos, nossas
has: houve, tem
everything: tudo, todos, todas
changed: mudou, mudaram, alterou
changes: mudanças, alterações
the history: o histórico, histórico
the: o, os, as
of the: do, da, dos, das
in the: no, na, nos, nas
of: de
in: em
for: para
a: um, uma
and: e
last: últimos, últimas, último, última
days: dias
weeks: semanas
hours: horas
month: mês
week: semana
day: dia
not: não
no: nem
please: por favor
schedule: agendamento, agenda
schedules: agendamentos
competitors: concorrentes
prices: preços
pages: páginas
page: página
outputs: saídas
stacks: pilhas
alert: alerta
health: saúde
drift: desvio
since: desde
yesterday: ontem
today: hoje
"""

PORTUGUESE_MARKERS: Final = (
    "o os um uma do da dos das em por favor que está com para e não mostre você olá obrigado obrigada tudo"
)
"""Words by which it is told from the other languages."""
