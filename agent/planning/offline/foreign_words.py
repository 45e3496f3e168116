"""Spanish, German and French words for what can be asked here, each with its English reading.

A line is `English: word, word …`. Verbs stand in the forms of a request (imperative, infinitive) and of a report.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FRENCH", "GERMAN", "MARKERS", "SPANISH"]

SPANISH: Final = """
deploy: despliega, despliegues, implementes, lances, desplegar, despliegue, desplegad, desplegalo, despliégalo,
    desplegarlo, implementa, implementar, lanza, lanzar, publica la versión
destroy: destruye, destruyas, destruir, destruya, destrúyelo, derriba, derribar, tumba
remove: elimina, elimines, borres, eliminar, borra, borrar, quita, quitar, elimine
roll back: revierte, reviertas, revertir, deshaz, deshacer, restaura, restaurar, haz rollback de, haz un rollback de,
    hacer rollback de, vuelve atrás
repair: repara, reparar, arregla, arreglar, corrige, corregir, repare
check: comprueba, comprobar, revisa, revisar, chequea, chequear, mira, mirar, examina, verifica si, comprueba si
verify: verifica, verificar
preview: previsualiza, previsualizar, vista previa de, vista previa, simula, simular
diagnose: diagnostica, diagnosticar, investiga, investigar
unlock: desbloquea, desbloquear
checkpoint: punto de control de, punto de restauración de, guarda un punto de restauración de
take: crea, crear, toma, haz, guarda
watch: vigila, vigilar, monitorea, monitorear, monitoriza, monitorizar, observa, observar
unwatch: deja de vigilar, deja de monitorear, deja de observar, dejar de vigilar
watching: vigilando, monitoreando
sweep: barre, rastrea, rastrear, barrer, escanea, haz un barrido de
compare: compara, comparar
pause: pausa, pausar, suspende, suspender
resume: reanuda, reanudar, retoma, continúa
cancel: cancela, cancelar, detén, detener, para, interrumpe
revoke: revoca, revocar
post: publica, publicar, envía, enviar, manda, mandar, avisa, avisar, avisa a, notifica, notificar, notifica a,
    dile a, informa a, avísale a
show me: muéstrame, muestrame, enséñame, dame, muestra, mostrar, ver, lista, listar, enumera, quiero ver
tell me: dime, cuéntame, explícame
set: pon, poner, establece, establecer, configura, ajusta, cambia, cambiar
snooze: silencia, silenciar, pospón
approve: aprueba, aprobar
what: qué, que, cuál, cuáles, cual, cuales
how: cómo, como
when: cuándo, cuando
who: quién, quien
why: por qué
how much: cuánto, cuanto, cuánta
where: dónde
is: está, es, hay, esta, estamos, estás, sigue
are: están, son
i: yo
can you: puedes, podrías, puede, podría, podés
i want to: quiero, me gustaría, necesito, quisiera
can i: puedo, podemos
do i: se puede, puedo hacer, hago
we: nosotros, nuestros, nuestras
has: ha, han, has, hemos, he, hubo
did: fue
everything: todo, todos, todas
everything that: todo lo que
not: no, nunca, jamás, ni, sin, tampoco
no-longer: ya no
if: si
and: y, e
or: o
then: luego, después, despues, entonces, después de eso
but: pero
on: en, sobre
in: dentro
from: de, del, desde
to: a, al
for: para, por
with: con
the: el, la, los, las, lo
a: un, una, unos, unas
our: nuestra, nuestro
please: por favor, porfa, porfavor
hello: hola, buenas, buenos días, buenas tardes
thanks: gracias, muchas gracias
now: ahora, ya, ahora mismo
healthy: sano, sana, saludable, bien, funcionando
health: salud, estado de salud
status: estado
drift: deriva, desviación, desviaciones, desvíos, drift
changed: cambió, cambiado, cambiaron, modificado
changes: cambios, novedades, cambio, actualizaciones
new: nuevo, nueva, nuevos, nuevas
outputs: salidas, outputs, salida
history: historial, historia
config: configuración, ajustes
stack: pila, entorno, ambiente, stack
stacks: pilas, entornos, ambientes, stacks
competitors: competidores, competencia
page: página, páginas, pagina
pricing: precios, precio, tarifas
job postings: empleos, vacantes, ofertas de empleo
features: funciones, funcionalidades, características
audit log: registro de auditoría, auditoría, bitácora
schedules: programaciones, horarios, tareas programadas
schedule: programa, programar, programación
grants: permisos, concesiones
grant: permiso
spent: gastado, gastaste, costado, gasto, gastos, gastamos
help: ayuda, ayúdame
since: desde, desde el, desde hace
yesterday: ayer
today: hoy
tomorrow: mañana
last: últimos, últimas, último, última, pasado, pasada
days: días, dias
day: día
week: semana
weeks: semanas
month: mes
hours: horas
this: este, esto, eso, ese
it: ello
doing: haciendo
working on: trabajando
you: tú, tu, usted
do: haz, hacer, hace, hagas
touch: toques, tocar, toca
password: contraseña, contraseñas
secrets: secretos, claves
poem: poema
weather: tiempo hace, clima
rolled back: revertido, revertimos
deployed: desplegado, desplegamos, desplegó
every: cada
until: hasta
wrong: mal, roto, rota
running: activos, ejecutando, ejecución
"""

GERMAN: Final = """
deploy: deploye, deployen, deployt, ausrollen, bereitstellen, roll aus, rolle aus, stelle bereit, ausliefern,
    veröffentliche, bring live
destroy: zerstöre, zerstören, zerstör, abreißen, reiße ab, reiß ab, abbauen, fahre herunter, herunterfahren, vernichte
remove: lösche, löschen, lösch, entferne, entfernen
roll back: zurückrollen, zurücksetzen, zurückdrehen, rolle zurück, roll zurück, setze zurück, wiederherstellen,
    rückgängig machen, mach rückgängig
repair: repariere, reparieren, reparier, behebe, beheben, korrigiere, korrigieren
check: prüfe, prüfen, prüf, überprüfe, überprüfen, checke, checken, schau, schaue, kontrolliere, check
verify: verifiziere, verifizieren, bestätige
preview: vorschau, vorschau für, vorschau von, simuliere, simulieren
diagnose: diagnostiziere, diagnostizieren, untersuche, untersuchen, analysiere
unlock: entsperre, entsperren, gib frei, freigeben
checkpoint: sicherungspunkt, wiederherstellungspunkt, sichere, sichern
take: erstelle, erstellen, lege an, mache
watch: beobachte, beobachten, überwache, überwachen, behalte im auge
unwatch: hör auf zu beobachten, nicht mehr beobachten
watching: beobachtet, überwacht
sweep: durchsuche, durchkämme, scanne, scannen
compare: vergleiche, vergleichen
pause: pausiere, pausieren, halte an, anhalten, unterbrich
resume: fortsetzen, setze fort, fortfahren, weitermachen, mach weiter, nimm wieder auf
cancel: stoppe, stoppen, stopp, abbrechen, brich ab, breche ab, storniere
revoke: widerrufe, widerrufen, entziehe, entziehen
post: poste, posten, sende, senden, schicke, schick, schicken, melde, melden, benachrichtige, benachrichtigen,
    informiere, informieren, sag, teile mit
show me: zeige mir, zeig mir, zeige, zeig, gib mir, liste auf, liste, anzeigen, zeigen
tell me: sag mir, sage mir, erkläre, erklär mir, erzähl mir
set: setze, setzen, setz, ändere, ändern, stelle ein, stell ein
snooze: stummschalten, schalte stumm, schlummern
approve: genehmige, genehmigen, freigegeben
what: was, welche, welcher, welches, welchen
how: wie
when: wann
who: wer, wen
why: warum, wieso, weshalb
how much: wie viel, wieviel
where: wo
is: ist, gibt es, steht
are: sind
i: ich, man
can you: kannst du, können sie, könntest du, könnten sie, kannst du mir, würdest du
i want to: ich möchte, ich will, ich würde gern, möchte
can i: kann ich, können wir, darf ich, sollen wir, soll ich
we: wir
has: hat, haben, hast, habt, wurde, wurden
everything: alles, alle
not: nicht, kein, keine, keinen, nie, niemals, nichts, keinesfalls, ohne
no-longer: nicht mehr, nicht länger
if: wenn, falls, ob, sofern
and: und
or: oder
then: dann, danach, anschließend
but: aber, sondern
on: auf, an, am
in: in, im
from: von, vom, aus
to: zu, zum, zur, nach
for: für
with: mit
at: bei, beim
the: der, die, das, den, dem, des
a: ein, eine, einen, einem, einer
our: unser, unsere, unseren
please: bitte, mal, bitte mal
hello: hallo, guten morgen, guten tag, moin, servus
thanks: danke, vielen dank
now: jetzt, sofort, gleich
healthy: gesund, in ordnung, ok
health: gesundheit, gesundheitszustand
status: zustand, status
drift: drift, abweichung, abweichungen
changed: geändert, verändert, getan
changes: änderungen, änderung, neuerungen, neuigkeiten
new: neu, neue, neues
outputs: outputs, ausgabewerte
history: verlauf, historie
config: konfiguration, einstellungen, einstellung
stack: stack, umgebung
stacks: stacks, umgebungen
competitors: wettbewerber, konkurrenten, konkurrenz, mitbewerber
page: seite, seiten
pricing: preise, preisen, preis, preisseite, preisgestaltung
job postings: stellenanzeigen, stellen, jobs, stellenausschreibungen
features: funktionen
audit log: audit-log, auditlog, prüfprotokoll, protokoll
schedules: zeitpläne
schedule: zeitplan, plane
grants: berechtigungen, freigaben, genehmigungen
grant: berechtigung, freigabe
spent: ausgegeben, gekostet, kosten
help: hilfe, hilf
since: seit
yesterday: gestern
today: heute
tomorrow: morgen
last: letzten, letzte, letzter, letztem, letztes, vergangenen
days: tage, tagen
day: tag
week: woche
weeks: wochen
month: monat
hours: stunden
this: diese, dieser, dieses, diesen
it: es
you: du, dich, sie
doing: tust, machst, machst du
working on: arbeitest du, arbeitest
touch: anfassen, fass an, berühre, rühr an
do: mach, mache, machen, führe aus, tun, tu
password: passwort, passwörter
secrets: geheimnisse
poem: gedicht
weather: wetter
back: zurück
rolled back: zurückgerollt, zurückgesetzt
deployed: deployt worden, ausgerollt, bereitgestellt
every: jeden, jede, jedes
until: bis
wrong: kaputt, falsch, los
running: läuft, laufen
my: mein, meine
"""

FRENCH: Final = """
deploy: déploie, déployer, déployez, deploie, deployer, mets en ligne, livre, déploie-le
destroy: détruis, détruire, détruisez, démolis, anéantis
remove: supprime, supprimer, supprimez, retire, retirer, efface, enlève
roll back: reviens en arrière, reviens à, restaure, restaurer, fais un rollback de, fais un retour en arrière sur,
    rétablis, ramène
repair: répare, réparer, réparez, corrige, corriger
check: vérifie, vérifier, vérifiez, contrôle, contrôler, regarde, regarder, examine
verify: valide, valider
preview: prévisualise, prévisualiser, aperçu de, aperçu, simule, simuler
diagnose: diagnostique, diagnostiquer, enquête sur, analyse
unlock: déverrouille, déverrouiller, débloque, débloquer
checkpoint: point de contrôle de, point de restauration de, sauvegarde
take: crée, créer, fais, prends
watch: surveille, surveiller, surveillez, observe, suis
unwatch: arrête de surveiller, cesse de surveiller, ne surveille plus, arrêter de surveiller
watching: surveillons, surveillées, surveillés
sweep: balaie, balaye, parcours, scanne
compare: compare, comparer
pause everything: mets tout en pause, mettez tout en pause, mettre tout en pause
pause: mets en pause, suspends, suspendre, mettre en pause, interromps
resume: reprends, reprendre, relance
cancel: annule, annuler, arrête, arrêter, stoppe
revoke: révoque, révoquer
post: publie, publier, envoie, envoyer, poste, préviens, prévenir, informe, informer, dis à, annonce
show me: montre-moi, montre moi, affiche, afficher, donne-moi, donne moi, montre, montrer, montrez-moi, liste,
    lister, énumère
tell me: dis-moi, dis moi, explique-moi, explique, raconte-moi
set: définis, mets, règle, change, changer, modifie
snooze: mets en sourdine
approve: approuve, approuver
what: que, quoi, quel, quelle, quels, quelles, qu, qu'est-ce que, qu'est-ce qui, qu est-ce que, qu est-ce qui
how: comment
when: quand
who: qui
why: pourquoi
how much: combien
where: où
is: est, est-ce que, est-ce, y a-t-il, est-il, est-elle, y a t il
are: sont, sommes
i: je, j, on
can you: peux-tu, pouvez-vous, pourrais-tu, pourriez-vous, tu peux, peux tu
i want to: je veux, je voudrais, j'aimerais, aimerais
can i: puis-je, peut-on, pouvons-nous
we: nous
has: a, as, ont, a-t-on, avons-nous, avons
everything: tout, tous, toutes
not: ne, n, pas, jamais, aucun, aucune, sans, rien, ni
no-longer: ne plus
if: si
and: et
or: ou
then: puis, ensuite, après
but: mais
on: sur
in: dans, en
from: de, du, des, d
to: à, au, aux
for: pour
with: avec
at: chez
the: le, la, les, l
a: un, une
our: notre, nos
please: s'il te plaît, s'il vous plaît, svp, stp, s il te plaît, s il vous plaît
hello: bonjour, salut, bonsoir
thanks: merci, merci beaucoup
now: maintenant, tout de suite
healthy: sain, saine, en bonne santé, en forme
health: santé
status: état, statut
drift: dérive, dérives, écart, écarts
changed: changé, modifié
changes: changements, nouveautés, changement, modifications
new: nouveau, nouvelle, neuf
outputs: outputs, sorties
history: historique
config: configuration, paramètres, réglages
stack: pile, environnement, stack
stacks: piles, environnements, stacks
competitors: concurrents, concurrence
page: page, pages
pricing: prix, tarifs, tarification, tarif
job postings: offres d'emploi, emplois, offres d emploi
features: fonctionnalités
audit log: journal d'audit, journal d audit
schedules: plannings, planifications
schedule: planning, planifie, planification, planifier
grants: autorisations
grant: autorisation
spent: dépensé, dépenses, coûté, coût
help: aide, aide-moi
since: depuis
yesterday: hier
today: aujourd'hui, aujourd hui
tomorrow: demain
last: derniers, dernières, dernier, dernière, passé, passée
days: jours
day: jour
week: semaine
weeks: semaines
month: mois
hours: heures
this: ce, cette, cet, ces, ceci, cela
it: il, elle, ça
you: tu, vous, toi
doing: fais, faites, fais-tu
do: faire, fait
touch: touche, touchez, toucher, touche à
working on: travailles-tu
password: mot de passe, mots de passe
secrets: secrets
poem: poème
weather: météo
deployed: déployé
rolled back: restauré
every: chaque
until: jusqu'à, jusqu à, jusqu'au, jusqu au
wrong: cassé
running: en cours
"""

MARKERS: Final = {
    "es": "el la los las un una de del en por favor qué que cómo está con para y muéstrame dime ¿ ¡ "
    "porfa hola gracias todo lo si hay",
    "de": "der die das den dem ein eine einen bitte und ist nicht auf mit für wie was wer kannst du "
    "ich wir mir zeige zeig von im alle",
    "fr": "le la les un une de du des est que qui ce s'il plaît te vous et pour sur dans avec moi "
    "tu je ne pas quel quelle il bonjour merci",
}
"""Words by which a language is told from English; the tables' own words count too."""
