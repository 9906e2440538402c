# Textos fijos en español. $count y $number son números; lo demás, palabras.

## Números, listas, fechas
list-comma = { ", " }
label = { $name }:
list-last = { $first } y { $last }
date-day = { $day } de { $month } de { $year }
date-day-month = { $day } de { $month }
date-days = { $from }–{ $to } de { $month }
date-range = { $first } – { $last }
date-range-months = { $from } de { $first } – { $to } de { $last } de { $year }
date-range-same-month = { $from }–{ $to } de { $month } de { $year }

## El boletín
issue-number = N.º { $number }
read-online = Leer en la web
in-this-issue = En este número
stories = { $count ->
    [one] 1 artículo
   *[other] { $count } artículos
}
covers-days = los últimos { $count } días
covers-weeks = { $count ->
    [2] las dos últimas semanas
    [3] las tres últimas semanas
    [4] las cuatro últimas semanas
   *[other] las últimas { $count } semanas
}
minutes = { $count } min
minutes-read = { $count } min de lectura
by = Por { $name }
also-at = también en { $name }
lead-story = En portada
picture = Imagen: { $name }
filed-under = Temas: { $name }
read-column = Leer la columna { $name }
read-at = Leer el artículo en { $name }
more-on-web = { $count ->
    [one] 1 más en la web
   *[other] { $count } más en la web
}
events = Agenda
sponsored = Contenido patrocinado
correction-to = Corrección del n.º { $number }
next-for-you = Para seguir leyendo
most-read = Lo más leído
more-from = Más de { $name }
subscribers-only = Solo para suscriptores
add-to-calendar = Añadir al calendario
why-you = Recibe { $newsletter } porque { $address } se confirmó el { $date }.
manage-preferences = Cambiar preferencias
unsubscribe = Darse de baja
view-in-browser = Ver en el navegador
privacy = Privacidad
forwarded = ¿Se lo han reenviado?
subscribe-to = Suscribirse a { $newsletter }

## Las páginas
skip = Ir al contenido
contact = Contacto
to-front = A la portada
write-to-us = Escríbanos
front-title = Boletines
front-deck = Lo que { $name } envía por correo, para leerlo antes aquí.
front-none = Aún no hay ningún número.
forwarded-web = El próximo número le llega por correo, si quiere.
read-on-web = Leer { $newsletter } en la web
not-found-title = Aquí no hay nada
not-found-deck = No hay ninguna página en esta dirección. Quizá esté mal escrita o el enlace se haya partido en dos.
failure-title = No ha funcionado
failure-deck = Ha fallado algo por nuestra parte. No se ha perdido nada suyo; inténtelo de nuevo en unos minutos.
link-title = Este enlace no funciona
link-deck = Quizá se haya partido en dos por el camino, o sea demasiado antiguo. Los enlaces del último número de su buzón funcionan.
leave-title = ¿Dejar la lista?
leave-deck = Pulse el botón y { $address } no recibirá nada más de { $newsletter }, desde ahora mismo.
leave-button = Dar de baja { $address }
leave-choose = Prefiero elegir menos temas
leave-note = El botón de baja de su programa de correo hace lo mismo, sin esta página.
goodbye-title = Ya está de baja
goodbye-deck = { $address } no recibirá nada más de { $newsletter }. Gracias por leernos.
goodbye-note = ¿Fue un error? Vuelva a suscribirse cuando quiera; le pediremos que lo confirme, como la primera vez.
preferences-title = Sus preferencias
preferences-for = Para { $address }, confirmada el { $date }. Este enlace privado es solo suyo; no lo reenvíe, por favor.
preferences-saved = Guardado. El próximo número seguirá su elección.
preferences-topics = Temas
preferences-save = Guardar preferencias
preferences-leave = Baja
preferences-leave-note = Ningún número más de { $newsletter }, desde ahora. Le preguntaremos una vez si de verdad lo quiere.
topics-everything = Todo
topics-everything-note = También los temas que vengan después
topics-only = Solo lo que yo elija
leave-all = Darse de baja de todo lo de { $name }
goodbye-deck-unnamed = No recibirá nada más de { $newsletter }. Gracias por leernos.
preferences-pause = Pausa
pause-until = Ningún correo antes del
pause-note = Desde ese día vuelve a llegar el correo, sin preguntar. Déjelo vacío para recibirlo siempre.
pause-open = Ningún correo hasta que vuelva aquí
wrong-topics = No se ha guardado nada: elija al menos un tema, o todo.
wrong-day = No se ha guardado nada: el día debe ser posterior a hoy, dentro de un año.
form-title = No se ha podido leer
form-deck = El formulario llegó incompleto o demasiado grande, y no se ha cambiado nada. Vuelva atrás e inténtelo de nuevo.

## El archivo
navigation = Páginas
nav-issues = Números
nav-subscribe = Suscribirse
archive-title = Todos los números de { $newsletter }
archive-all = Todos los números
archive-latest = Últimos números
archive-older = Números anteriores
archive-pages = Anteriores y posteriores
issue-older = Antes: { $name }
issue-newer = Después: { $name }
pages-newer = Más recientes
pages-older = Más antiguos
date-month = { $month } de { $year }
search-title = Buscar
search-label = Buscar en los números
search-button = Buscar
search-none = Nada contiene todas estas palabras: { $words }. Pruebe con menos, o con un tema de abajo.
by-subject = Por temas
follow = Seguir
follow-mail = Recibirlo por correo
follow-feed = Seguir por { $name }
events-none = Por ahora no se conoce ninguna fecha.
events-calendar = Todas las fechas para su calendario
amended-title = Cambiado desde el envío
withdrawn-deck = Este número se retiró el { $date }.
readers-only-title = Para lectores
readers-only-deck = Los números de { $newsletter } son para quienes los reciben por correo. El enlace del mensaje los abre.

## Signing up
subscribe-button = Suscribirme
subscribe-deck = Lo que { $name } envía por correo. Un clic basta para dejarlo.
email-address = Correo electrónico
subscribe-more = Temas, idioma, formato
subscribe-newsletters = Boletines
subscribe-subjects-of = Temas de { $newsletter }
subscribe-subjects-note = Si no marca ninguno, lo recibe todo.
language = Idioma
format = Formato
format-html = Con diseño
format-html-note = con una parte de texto sin formato
format-text = Solo texto
format-text-note = sin imágenes
subscribe-promise = No enviamos nada antes de que usted confirme. Un clic basta para dejarlo. Sin rastreo ni listas compartidas.
privacy-how = Cómo tratamos su dirección
leave-empty = Deje esto vacío
latest-issue = En el último número
read-latest = Leer el n.º { $number }
wrong-address = A esa dirección no se puede escribir. Debe tener la forma nombre@example.org.
wrong-role = Esa dirección la leen máquinas o administradores. Indique la suya, por favor.
wrong-disposable = Las direcciones de ese tipo desaparecen pronto. Indique una que perdure, por favor.
wrong-newsletter = Elija al menos un boletín.
one-more-press = Pulse el botón una vez más, para que sepamos que lo hace una persona.
typo-title = ¿Quería decir { $address }?
typo-use = Sí, { $address }
typo-keep = No, { $address } es correcta
sent-title = Mire su correo
sent-deck = { $count ->
    [one] Si la dirección es correcta, un mensaje va en camino. Pulse su botón en el plazo de un día; antes no llega nada.
   *[other] Si la dirección es correcta, un mensaje va en camino. Pulse su botón en { $count } días; antes no llega nada.
}
sent-note = ¿Nada tras unos minutos? Mire en el correo no deseado. A cada dirección escribimos como mucho una vez al día.
sent-again = Dar otra dirección
busy-title = Ahora no
busy-deck = Llegan más solicitudes de las que admitimos a la vez. No se guardó nada; vuelva en una hora o escríbanos.
confirm-title = Un último paso
confirm-deck = Ha pedido recibir { $newsletter } en { $address }. Pulse el botón y estará en la lista.
confirm-get = Lo que recibirá
confirm-topics = Temas: { $name }.
confirm-everything = Todos los temas.
confirm-button = Confirmar mi suscripción
question-type = Escriba { $number }, para que sepamos que es una persona
question-why = Las máquinas que revisan el correo también abren enlaces y pulsan botones. El número impide que lo hagan en su lugar.
question-again = Todavía no se ha hecho nada. Inténtelo otra vez, con el número que aparece ahora.
question-slip = Era otro número, así que no se ha hecho nada. Inténtelo otra vez.
confirm-note = ¿No lo pidió? Cierre la página; la solicitud termina el { $date }.
steps = Dónde está
step-asked = Solicitado
step-confirm = Confirmar
step-here = Está aquí
step-first = Primer número
confirmed-title = Ya está en la lista
confirmed-deck = { $newsletter } llegará a { $address } desde ahora.
confirmed-next = Próximo número: { $date }.
confirmed-choose = Elegir temas
confirmed-read = Leer lo anterior
expired-title = Este enlace ha caducado
expired-deck = { $count ->
    [one] Funcionó un día. Nada se ha perdido: pulse y uno nuevo irá a la misma dirección.
   *[other] Funcionó { $count } días. Nada se ha perdido: pulse y uno nuevo irá a la misma dirección.
}
expired-button = Envíenme un enlace nuevo
gone-title = Este enlace ya no sirve
gone-deck = Ya hizo su trabajo, o la solicitud se olvidó porque nadie la confirmó, o usted se ha ido desde entonces. Suscribirse de nuevo lleva un minuto.
gone-button = Suscribirme de nuevo
letter-confirm-subject = Confirme su suscripción a { $newsletter }
letter-confirm-title = Confirme su suscripción
letter-confirm-preheader = Un botón, y { $newsletter } le llega. Si no lo pidió, no haga nada.
letter-confirm-lead = Usted, o alguien con esta dirección, pidió { $newsletter }. Necesitamos su sí antes del primer número.
letter-confirm-until = El enlace funciona hasta el { $date }. Si no lo pidió, no haga nada: sin su confirmación no llega ningún número y la solicitud se borra.
letter-link-note = Si el botón no hace nada, abra esta dirección:
letter-text-open = { $name }: abra esta dirección
letter-why = Enviado una vez a { $address } por una solicitud hecha el { $date } en { $name }.
letter-known-subject = Ya recibe { $newsletter }
letter-known-preheader = Nada ha cambiado. Elija temas, haga una pausa o váyase con su enlace privado.
letter-known-title = Ya está en la lista
letter-known-lead = Alguien, probablemente usted, pidió { $newsletter } en esta dirección. Ya lo recibe, así que nada ha cambiado. Con su enlace privado puede elegir temas, hacer una pausa o irse.
letter-nothing-to-do = Si no fue usted, no hay nada que hacer.
letter-welcome-subject = Le damos la bienvenida a { $newsletter }
letter-welcome-preheader = Hasta el próximo número, este es el último.
letter-welcome-title = Le damos la bienvenida
letter-welcome-lead = Desde ahora { $newsletter } llega a { $address }. Hasta entonces, esto traía el último número.

## Readers and their data
preferences-reading = Lectura
preferences-others = También por correo
preferences-others-note = Marque uno y un mensaje le pedirá confirmarlo. Quite la marca y termina al momento.
preferences-topics-of = Elegir temas de { $newsletter }
preferences-asked = Guardado. Va en camino un mensaje para confirmar lo nuevo.
preferences-waits = Guardado. Hoy ya le hemos escrito sobre algo nuevo: pulse primero el botón de ese mensaje y marque después aquí el siguiente boletín.
preferences-data = Sus datos
preferences-data-note = Guardamos su dirección, estos ajustes y cuándo los confirmó y cambió. No registramos lo que abre.
preferences-fresh-note = Para cada cosa va primero un mensaje a { $address }; su enlace funciona una hora.
data-button = Envíenme mis datos
address-button = Cambiar mi dirección
erase-button = Bórrenme
preferences-mailed = Va en camino un mensaje a { $address }. Su enlace funciona una hora.
link-mail-title = Envíenme mi enlace
link-mail-deck = ¿No tiene ningún número a mano? Dé su dirección y el enlace privado a sus preferencias le llegará por correo.
link-mail-button = Enviar
link-sent-deck = Si la dirección está en la lista, va en camino un mensaje con su enlace privado.
me-data-deck = Todo lo que se guarda sobre { $address }, en un archivo JSON.
me-data-button = Descargar mis datos
me-erase-title = ¿Borrarlo todo?
me-erase-deck = Pulse, y { $address } con todo lo que sabemos se borra aquí para siempre. Queda un número cifrado, para que ninguna lista la traiga de vuelta.
me-erase-button = Borrar { $address }
erased-title = Ha sido borrado
erased-deck = Su dirección ya no se conoce aquí y no llegará nada. Las copias antiguas desaparecen con el tiempo.
me-address-title = Cambie su dirección
me-address-deck = Ahora es { $address }. Dé la nueva; allí un mensaje pedirá confirmación.
me-address-label = Dirección nueva
me-address-button = Preguntar en la dirección nueva
me-asked-deck = Si la dirección nueva es correcta, va en camino un mensaje. Nada cambia hasta que se pulse su botón.
move-title = Su dirección nueva
move-deck = Pulse, y todo irá desde ahora a { $address }. Se avisa a la dirección antigua.
move-button = Usar { $address }
moved-title = Su dirección ha cambiado
moved-deck = Todo irá desde ahora a { $address }. La dirección antigua está avisada y puede deshacerlo durante siete días.
undo-title = ¿Deshacer el cambio?
undo-deck = Pulse, y todo volverá a ir a { $address }.
undo-button = Restablecer { $address }
undone-title = El cambio está deshecho
undone-deck = Todo va de nuevo a { $address }, y los enlaces en otras manos ya no valen.
fresh-gone-title = Este enlace ha terminado
fresh-gone-deck = Estos enlaces valen una vez y poco tiempo. Abra sus preferencias con el enlace de cualquier número y pídalo otra vez.
goodbye-why = Por qué, si quiere decirlo
goodbye-why-note = Una persona lee cada respuesta.
goodbye-why-button = Enviar la respuesta
goodbye-thanks = Gracias, nos ayuda.
letter-link-subject = Su enlace privado
letter-link-lead = Aquí elige temas, hace una pausa, cambia o se va. El enlace es solo suyo: no lo reenvíe.
letter-hour = El enlace funciona hasta el { $date }. Si no lo pidió, no haga nada: no pasa nada.
letter-data-lead = Pidió todo lo que guardamos sobre usted. El botón lleva allí.
letter-erase-lead = Pidió que le borremos. El botón lleva a una página que pregunta una vez más.
letter-address-lead = Pidió cambiar su dirección. El botón lleva a la página donde dar la nueva.
letter-move-subject = Confirme su dirección nueva
letter-move-lead = Alguien que lee { $newsletter }, probablemente usted, quiere recibirlo en esta dirección en vez de otra. Antes necesitamos su sí.
letter-moved-subject = Se cambió su dirección
letter-moved-lead = Desde el { $date }, { $newsletter } va a otra dirección, confirmada allí. Si fue usted, no hay nada que hacer.
letter-moved-until = Si no fue usted: el botón restablece esta dirección, hasta el { $date }.
letter-moved-button = No fui yo
