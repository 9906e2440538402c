# Textes fixes en français. $count et $number sont des nombres, le reste des mots.

## Nombres, listes, dates
list-comma = { ", " }
label = { $name } :
list-last = { $first } et { $last }
date-day = { $day } { $month } { $year }
date-day-month = { $day } { $month }
date-days = { $from }–{ $to } { $month }
date-range = { $first } – { $last }
date-range-months = { $from } { $first } – { $to } { $last } { $year }
date-range-same-month = { $from }–{ $to } { $month } { $year }

## La lettre
issue-number = N° { $number }
read-online = Lire en ligne
in-this-issue = Dans ce numéro
stories = { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
covers-days = les { $count } derniers jours
covers-weeks = { $count ->
    [2] les deux dernières semaines
    [3] les trois dernières semaines
    [4] les quatre dernières semaines
   *[other] les { $count } dernières semaines
}
minutes = { $count } min
minutes-read = { $count } min de lecture
by = Par { $name }
also-at = aussi dans { $name }
lead-story = À la une
picture = Image : { $name }
filed-under = Sujets : { $name }
read-column = Lire la chronique { $name }
read-at = Lire l’article dans { $name }
more-on-web = { $count ->
    [one] { $count } autre article sur le web
   *[other] { $count } autres articles sur le web
}
events = Agenda
sponsored = Contenu sponsorisé
correction-to = Rectificatif au n° { $number }
next-for-you = À lire ensuite
most-read = Les plus lus
more-from = Aussi de { $name }
subscribers-only = Réservé aux abonnés
add-to-calendar = Ajouter à l’agenda
why-you = Vous recevez { $newsletter } parce que { $address } a été confirmée le { $date }.
manage-preferences = Gérer mes préférences
unsubscribe = Se désabonner
view-in-browser = Voir dans le navigateur
privacy = Confidentialité
forwarded = On vous a transmis cette lettre ?
subscribe-to = S’abonner à { $newsletter }

## Les pages
skip = Aller au contenu
contact = Nous contacter
to-front = Vers la page d’accueil
write-to-us = Nous écrire
front-title = Lettres d’information
front-deck = Ce que { $name } envoie par courriel, à lire d’abord ici.
front-none = Pas encore de numéro.
forwarded-web = Le prochain numéro vient par courriel, si vous le voulez.
read-on-web = Lire { $newsletter } sur le web
not-found-title = Rien ici
not-found-deck = Il n’y a pas de page à cette adresse. Elle a peut-être été mal saisie, ou le lien a été coupé en deux.
failure-title = Cela n’a pas marché
failure-deck = Une erreur s’est produite chez nous. Rien n’est perdu de votre côté ; réessayez dans quelques minutes.
link-title = Ce lien ne fonctionne pas
link-deck = Il a pu être coupé en deux en chemin, ou il est trop ancien. Les liens du dernier numéro reçu fonctionnent.
leave-title = Quitter la liste ?
leave-deck = Appuyez sur le bouton, et { $address } ne recevra plus rien de { $newsletter }, dès maintenant.
leave-button = Désabonner { $address }
leave-choose = Choisir plutôt moins de sujets
leave-note = Le bouton de désabonnement de votre messagerie fait la même chose, sans cette page.
goodbye-title = C’est fait
goodbye-deck = { $address } ne recevra plus rien de { $newsletter }. Merci de nous avoir lus.
goodbye-note = Une erreur ? Réabonnez-vous quand vous voulez ; nous vous demanderons de confirmer, comme la première fois.
preferences-title = Vos préférences
preferences-for = Pour { $address }, confirmée le { $date }. Ce lien privé n’est qu’à vous ; merci de ne pas le transmettre.
preferences-saved = Enregistré. Le prochain numéro suivra votre choix.
preferences-topics = Sujets
preferences-save = Enregistrer
preferences-leave = Partir
preferences-leave-note = Plus aucun numéro de { $newsletter }, dès maintenant. Nous vous demanderons une fois si c’est bien voulu.
topics-everything = Tout
topics-everything-note = Les sujets à venir aussi
topics-only = Seulement ce que je choisis
leave-all = Quitter toutes les lettres de { $name }
goodbye-deck-unnamed = Vous ne recevrez plus rien de { $newsletter }. Merci de nous avoir lus.
preferences-pause = Faire une pause
pause-until = Aucun courriel avant le
pause-note = Les courriels reprennent ce jour-là, sans rien demander. Laissez vide pour les recevoir à chaque fois.
pause-open = Aucun courriel jusqu’à mon retour ici
wrong-topics = Rien n’a été enregistré : choisissez au moins un sujet, ou tout.
wrong-day = Rien n’a été enregistré : le jour doit venir après aujourd’hui, d’ici un an.
form-title = Illisible
form-deck = Le formulaire est arrivé incomplet ou trop grand, et rien n’a été changé. Revenez en arrière et réessayez.

## Les archives
navigation = Pages du site
nav-issues = Numéros
nav-subscribe = S’abonner
archive-title = Tous les numéros de { $newsletter }
archive-all = Tous les numéros
archive-latest = Derniers numéros
archive-older = Numéros plus anciens
archive-pages = Plus anciens et plus récents
issue-older = Avant : { $name }
issue-newer = Après : { $name }
pages-newer = Plus récents
pages-older = Plus anciens
date-month = { $month } { $year }
search-title = Recherche
search-label = Chercher dans les numéros
search-button = Chercher
search-none = Rien ne contient tous ces mots : { $words }. Essayez-en moins, ou un sujet ci-dessous.
by-subject = Par sujet
follow = Suivre
follow-mail = Recevoir par e-mail
follow-feed = Suivre par { $name }
events-none = Aucune date n’est connue pour le moment.
events-calendar = Toutes les dates pour votre agenda
amended-title = Modifié depuis l’envoi
withdrawn-deck = Ce numéro a été retiré le { $date }.
readers-only-title = Réservé aux lecteurs
readers-only-deck = Les numéros de { $newsletter } sont pour ceux qui les reçoivent par e-mail. Le lien dans le message les ouvre.

## Signing up
subscribe-button = S’abonner
subscribe-deck = Ce que { $name } envoie par courriel. Un clic suffit pour arrêter.
email-address = Adresse électronique
subscribe-more = Sujets, langue, format
subscribe-newsletters = Lettres à recevoir
subscribe-subjects-of = Sujets de { $newsletter }
subscribe-subjects-note = Ne cochez rien pour tout recevoir.
language = Langue
format = Format
format-html = Mis en page
format-html-note = avec une partie en texte brut
format-text = Texte brut seulement
format-text-note = sans images
subscribe-promise = Rien ne part avant votre confirmation. Un clic suffit pour arrêter. Ni pixel espion, ni liste partagée.
privacy-how = Ce que nous faisons de votre adresse
leave-empty = Laissez ce champ vide
latest-issue = Dans le dernier numéro
read-latest = Lire le n° { $number }
wrong-address = On ne peut pas écrire à cette adresse. Il faut la forme nom@example.org.
wrong-role = Cette adresse est lue par des machines ou des administrateurs. Donnez la vôtre, s’il vous plaît.
wrong-disposable = Les adresses de ce genre disparaissent vite. Donnez-en une qui dure, s’il vous plaît.
wrong-newsletter = Choisissez au moins une lettre.
one-more-press = Appuyez encore une fois sur le bouton, pour que nous sachions que c’est une personne.
typo-title = Vouliez-vous dire { $address } ?
typo-use = Oui, { $address }
typo-keep = Non, { $address } est juste
sent-title = Regardez votre courrier
sent-deck = { $count ->
    [one] Si l’adresse est juste, un message est en route. Appuyez sur son bouton dans la journée ; rien ne part avant.
   *[other] Si l’adresse est juste, un message est en route. Appuyez sur son bouton dans les { $count } jours ; rien ne part avant.
}
sent-note = Rien après quelques minutes ? Regardez parmi les indésirables. Nous n’écrivons à une adresse qu’une fois par jour, même si elle est donnée plusieurs fois.
sent-again = Donner une autre adresse
busy-title = Pas maintenant
busy-deck = Il y a plus de demandes que nous n’en acceptons à la fois. Rien n’a été enregistré ; revenez dans une heure, ou écrivez-nous.
confirm-title = Une dernière étape
confirm-deck = Vous avez demandé à recevoir { $newsletter } à { $address }. Appuyez sur le bouton et vous êtes inscrit.
confirm-get = Ce que vous recevrez
confirm-topics = Sujets : { $name }.
confirm-everything = Tous les sujets.
confirm-button = Confirmer mon abonnement
question-type = Tapez { $number }, pour que nous sachions que vous êtes une personne
question-why = Les machines qui vérifient le courrier ouvrent aussi les liens et appuient sur les boutons. Le nombre les empêche de le faire à votre place.
question-again = Rien n’est encore fait. Essayez encore une fois, avec le nombre qui figure ici maintenant.
question-slip = C’était un autre nombre : rien n’a été fait. Essayez encore une fois.
confirm-note = Vous n’avez rien demandé ? Fermez la page ; la demande expire le { $date }.
steps = Où vous en êtes
step-asked = Inscription demandée
step-confirm = Confirmation
step-here = Vous êtes ici
step-first = Premier numéro
confirmed-title = Vous êtes sur la liste
confirmed-deck = { $newsletter } arrivera désormais à { $address }.
confirmed-next = Prochain numéro : { $date }.
confirmed-choose = Choisir des sujets
confirmed-read = Lire les numéros parus
expired-title = Ce lien a expiré
expired-deck = { $count ->
    [one] Il a fonctionné un jour. Rien n’est perdu : appuyez, et un nouveau part à la même adresse.
   *[other] Il a fonctionné { $count } jours. Rien n’est perdu : appuyez, et un nouveau part à la même adresse.
}
expired-button = Envoyez-moi un nouveau lien
gone-title = Ce lien ne sert plus
gone-deck = Il a déjà servi, ou la demande a été oubliée faute de confirmation, ou vous êtes parti depuis. Se réinscrire prend une minute.
gone-button = Se réinscrire
letter-confirm-subject = Confirmez votre abonnement à { $newsletter }
letter-confirm-title = Confirmez votre abonnement
letter-confirm-preheader = Un bouton, et { $newsletter } vient à vous. Si vous n’avez rien demandé, ne faites rien.
letter-confirm-lead = Vous, ou quelqu’un avec cette adresse, avez demandé { $newsletter }. Il nous faut votre oui avant le premier numéro.
letter-confirm-until = Le lien fonctionne jusqu’au { $date }. Si vous n’avez rien demandé, ne faites rien : sans votre confirmation, aucun numéro ne vient et la demande est effacée.
letter-link-note = Si le bouton ne fait rien, ouvrez cette adresse :
letter-text-open = { $name } : ouvrez cette adresse
letter-why = Envoyé une fois à { $address } à la suite d’une demande faite le { $date } sur { $name }.
letter-known-subject = Vous recevez déjà { $newsletter }
letter-known-preheader = Rien n’a changé. Choisissez des sujets, faites une pause ou partez par votre lien privé.
letter-known-title = Vous êtes déjà sur la liste
letter-known-lead = Quelqu’un, sans doute vous, a demandé { $newsletter } à cette adresse. Vous le recevez déjà, rien n’a donc changé. Votre lien privé permet de choisir des sujets, de faire une pause ou de partir.
letter-nothing-to-do = Si ce n’était pas vous, il n’y a rien à faire.
letter-welcome-subject = Bienvenue : { $newsletter }
letter-welcome-preheader = En attendant le prochain numéro, voici le dernier.
letter-welcome-title = Bienvenue
letter-welcome-lead = Désormais, { $newsletter } arrive à { $address }. D’ici là, voici ce que disait le dernier numéro.

## Readers and their data
preferences-reading = Lecture
preferences-others = Aussi par courriel
preferences-others-note = Cochez, et un message demande confirmation. Décochez, et c’est fini aussitôt.
preferences-topics-of = Choisir les sujets de { $newsletter }
preferences-asked = Enregistré. Un message est en route pour confirmer ce qui est nouveau.
preferences-waits = Enregistré. Nous vous avons déjà écrit aujourd’hui au sujet d’une nouveauté : appuyez d’abord sur le bouton de ce message, puis cochez ici la lettre suivante.
preferences-data = Vos données
preferences-data-note = Nous gardons votre adresse, ces réglages, et quand vous les avez confirmés ou changés. Nous n’enregistrons pas ce que vous ouvrez.
preferences-fresh-note = Pour chacun, un message part d’abord à { $address } ; son lien fonctionne une heure.
data-button = Envoyez-moi mes données
address-button = Changer d’adresse
erase-button = Effacez-moi
preferences-mailed = Un message est en route vers { $address }. Son lien fonctionne une heure.
link-mail-title = Envoyez-moi mon lien
link-mail-deck = Pas de numéro sous la main ? Donnez votre adresse, et le lien privé vers vos préférences arrive par courriel.
link-mail-button = Envoyer
link-sent-deck = Si l’adresse est sur la liste, un message avec son lien privé est en route.
me-data-deck = Tout ce qui est conservé sur { $address }, en un fichier JSON.
me-data-button = Télécharger mes données
me-erase-title = Tout effacer ?
me-erase-deck = Appuyez, et { $address } ainsi que tout ce que nous en savons est effacé ici pour toujours. Il reste un nombre chiffré, pour qu’aucune liste ne la ramène.
me-erase-button = Effacer { $address }
erased-title = Vous êtes effacé
erased-deck = Votre adresse n’est plus connue ici, et rien ne viendra. Les sauvegardes anciennes disparaissent avec le temps.
me-address-title = Changez d’adresse
me-address-deck = Pour l’instant, c’est { $address }. Donnez la nouvelle ; un message y demandera confirmation.
me-address-label = Nouvelle adresse
me-address-button = Demander à la nouvelle adresse
me-asked-deck = Si la nouvelle adresse est juste, un message est en route. Rien ne change avant que son bouton soit pressé.
move-title = Votre nouvelle adresse
move-deck = Appuyez, et tout ira désormais à { $address }. L’ancienne adresse en est avertie.
move-button = Utiliser { $address }
moved-title = Votre adresse est changée
moved-deck = Tout ira désormais à { $address }. L’ancienne adresse est avertie et peut annuler pendant sept jours.
undo-title = Annuler le changement ?
undo-deck = Appuyez, et tout ira de nouveau à { $address }.
undo-button = Remettre { $address }
undone-title = Le changement est annulé
undone-deck = Tout va de nouveau à { $address }, et les liens détenus par d’autres ne valent plus.
fresh-gone-title = Ce lien est terminé
fresh-gone-deck = Ces liens ne valent qu’une fois et peu de temps. Ouvrez vos préférences par le lien d’un numéro, et redemandez.
goodbye-why = Pourquoi, si vous voulez le dire
goodbye-why-note = Une personne lit chaque réponse.
goodbye-why-button = Envoyer la réponse
goodbye-thanks = Merci, c’est utile.
letter-link-subject = Votre lien privé
letter-link-lead = Ici, vous choisissez des sujets, faites une pause, changez ou partez. Ce lien est à vous seul : ne le transférez pas.
letter-hour = Le lien fonctionne jusqu’au { $date }. Si vous n’avez rien demandé, ne faites rien : il ne se passe rien.
letter-data-lead = Vous avez demandé tout ce que nous avons sur vous. Le bouton y mène.
letter-erase-lead = Vous avez demandé à être effacé. Le bouton mène à une page qui le demande encore une fois.
letter-address-lead = Vous avez demandé à changer d’adresse. Le bouton mène à la page où donner la nouvelle.
letter-move-subject = Confirmez votre nouvelle adresse
letter-move-lead = Un lecteur de { $newsletter }, sans doute vous, veut le recevoir à cette adresse au lieu d’une autre. Il nous faut d’abord votre oui.
letter-moved-subject = Votre adresse a été changée
letter-moved-lead = Depuis le { $date }, { $newsletter } va à une autre adresse, confirmée là-bas. Si c’était vous, il n’y a rien à faire.
letter-moved-until = Si ce n’était pas vous : le bouton remet cette adresse, jusqu’au { $date }.
letter-moved-button = Ce n’était pas moi
