# טקסטים קבועים בעברית. $count ו־$number הם מספרים, כל השאר מילים.

## מספרים, רשימות, תאריכים
list-comma = { ", " }
label = { $name }:
list-last = { $first } ו{ $last }
date-day = { $day } ב{ $month } { $year }
date-day-month = { $day } ב{ $month }
date-days = { $from }–{ $to } ב{ $month }
date-range = { $first } – { $last }
date-range-months = { $from } ב{ $first } – { $to } ב{ $last } { $year }
date-range-same-month = { $from }–{ $to } ב{ $month } { $year }

## העלון
issue-number = גיליון { $number }
read-online = לקריאה ברשת
in-this-issue = בגיליון הזה
stories = { $count ->
    [one] כתבה אחת
    [two] שתי כתבות
   *[other] { $count } כתבות
}
covers-days = { $count ->
    [two] היומיים האחרונים
   *[other] { $count } הימים האחרונים
}
covers-weeks = { $count ->
    [two] השבועיים האחרונים
    [3] שלושת השבועות האחרונים
    [4] ארבעת השבועות האחרונים
   *[other] { $count } השבועות האחרונים
}
minutes = { $count ->
    [one] דקה
    [two] שתי דקות
   *[other] { $count } דקות
}
minutes-read = { $count ->
    [one] דקת קריאה
    [two] שתי דקות קריאה
   *[other] { $count } דקות קריאה
}
by = מאת { $name }
also-at = גם אצל { $name }
lead-story = הכתבה הראשית
picture = תמונה: { $name }
filed-under = נושאים: { $name }
read-column = לקריאת הטור ”{ $name }“
read-at = לקריאת הכתבה אצל { $name }
more-on-web = { $count ->
    [one] עוד כתבה אחת ברשת
    [two] עוד שתי כתבות ברשת
   *[other] עוד { $count } כתבות ברשת
}
events = אירועים
sponsored = תוכן ממומן
correction-to = תיקון לגיליון { $number }
next-for-you = לקריאה נוספת
most-read = הנקראות ביותר
more-from = עוד מאת { $name }
subscribers-only = למנויים בלבד
add-to-calendar = הוספה ליומן
why-you = { $newsletter } נשלח אליך כי הכתובת { $address } אושרה ב־{ $date }.
manage-preferences = שינוי העדפות
unsubscribe = ביטול המינוי
view-in-browser = לצפייה בדפדפן
privacy = פרטיות
forwarded = העבירו לך את העלון?
subscribe-to = הרשמה אל { $newsletter }

## הדפים
skip = דילוג לתוכן
contact = יצירת קשר
to-front = לעמוד הראשי
write-to-us = כתבו לנו
front-title = עלונים
front-deck = מה ש{ $name } שולח בדואר אלקטרוני, לקריאה כאן תחילה.
front-none = עדיין אין גיליון.
forwarded-web = הגיליון הבא יגיע בדואר, אם תרצו.
read-on-web = לקריאת { $newsletter } ברשת
not-found-title = אין כאן דבר
not-found-deck = אין דף בכתובת הזאת. אולי היא הוקלדה בטעות, או שהקישור נחתך לשניים.
failure-title = זה לא הצליח
failure-deck = משהו השתבש אצלנו. דבר לא אבד לך; נא לנסות שוב בעוד כמה דקות.
link-title = הקישור הזה אינו פועל
link-deck = אולי נחתך בדרך, או שהוא ישן מדי. הקישורים בגיליון האחרון שבתיבה פועלים.
leave-title = לעזוב את הרשימה?
leave-deck = לחיצה על הכפתור, ו־{ $address } לא תקבל עוד דבר מ{ $newsletter }, החל מעכשיו.
leave-button = ביטול המינוי של { $address }
leave-choose = לבחור במקום זה פחות נושאים
leave-note = כפתור ביטול המינוי בתוכנת הדואר עושה אותו דבר, בלי הדף הזה.
goodbye-title = המינוי בוטל
goodbye-deck = { $address } לא תקבל עוד דבר מ{ $newsletter }. תודה שקראת אותנו.
goodbye-note = זו הייתה טעות? אפשר להירשם שוב בכל עת; נבקש אישור, כמו בפעם הראשונה.
preferences-title = ההעדפות שלך
preferences-for = עבור { $address }, שאושרה ב־{ $date }. הקישור הפרטי הזה שלך בלבד; נא לא להעביר אותו.
preferences-saved = נשמר. הגיליון הבא ילך לפי הבחירה שלך.
preferences-topics = נושאים
preferences-save = שמירת ההעדפות
preferences-leave = עזיבה
preferences-leave-note = לא יגיעו עוד גיליונות של { $newsletter }, החל מעכשיו. נשאל פעם אחת אם זו הכוונה.
topics-everything = הכול
topics-everything-note = גם נושאים שיתווספו בהמשך
topics-only = רק מה שאבחר
leave-all = ביטול כל העלונים של { $name }
goodbye-deck-unnamed = לא יגיע אליך עוד דבר מ{ $newsletter }. תודה שקראת אותנו.
preferences-pause = הפסקה
pause-until = בלי דואר לפני
pause-note = מהיום הזה הדואר חוזר, בלי לשאול. אפשר להשאיר ריק כדי לקבל תמיד.
pause-open = בלי דואר עד שאחזור לכאן
wrong-topics = דבר לא נשמר: יש לבחור לפחות נושא אחד, או הכול.
wrong-day = דבר לא נשמר: היום צריך להיות אחרי היום, בתוך שנה.
form-title = לא ניתן היה לקרוא את זה
form-deck = הטופס הגיע חסר או גדול מדי, ודבר לא השתנה. נא לחזור ולנסות שוב.

## הארכיון
navigation = דפים
nav-issues = גיליונות
nav-subscribe = הרשמה
archive-title = כל הגיליונות של { $newsletter }
archive-all = כל הגיליונות
archive-latest = הגיליונות האחרונים
archive-older = גיליונות קודמים
archive-pages = קודמים וחדשים
issue-older = לפניו: { $name }
issue-newer = אחריו: { $name }
pages-newer = חדשים יותר
pages-older = ישנים יותר
date-month = { $month } { $year }
search-title = חיפוש
search-label = חיפוש בגיליונות
search-button = חפשו
search-none = אין דבר שמכיל את כל המילים האלה: { $words }. נסו פחות מילים, או נושא מהרשימה למטה.
by-subject = לפי נושא
follow = מעקב
follow-mail = לקבל בדואר
follow-feed = מעקב דרך { $name }
events-none = כרגע לא ידוע על מועדים.
events-calendar = כל המועדים ליומן שלכם
amended-title = מה השתנה מאז השליחה
withdrawn-deck = גיליון זה נמשך ב־{ $date }.
readers-only-title = לקוראים
readers-only-deck = הגיליונות של { $newsletter } מיועדים למי שמקבלים אותם בדואר. הקישור שבהודעה פותח אותם.

## Signing up
subscribe-button = הרשמה
subscribe-deck = מה ש{ $name } שולח בדואר אלקטרוני. לחיצה אחת מסיימת.
email-address = כתובת דואר אלקטרוני
subscribe-more = נושאים, שפה, תבנית
subscribe-newsletters = ידיעונים
subscribe-subjects-of = נושאי { $newsletter }
subscribe-subjects-note = בלי סימון תקבלו הכול.
language = שפה
format = תבנית
format-html = מעוצב
format-html-note = עם חלק של טקסט פשוט
format-text = טקסט פשוט בלבד
format-text-note = בלי תמונות
subscribe-promise = לא נשלח דבר לפני האישור שלכם. לחיצה אחת מסיימת. בלי מעקב ובלי רשימות משותפות.
privacy-how = איך אנו נוהגים בכתובת שלכם
leave-empty = השאירו ריק
latest-issue = בגיליון האחרון
read-latest = לקריאת גיליון { $number }
wrong-address = אי אפשר לשלוח לכתובת הזאת. היא צריכה להיות בצורה name@example.org.
wrong-role = את הכתובת הזאת קוראים מכונות או מנהלים. נא למסור כתובת אישית.
wrong-disposable = כתובות כאלה נעלמות במהרה. נא למסור כתובת קבועה.
wrong-newsletter = בחרו לפחות ידיעון אחד.
one-more-press = נא ללחוץ שוב על הכפתור, כדי שנדע שאדם לחץ.
typo-title = האם התכוונתם ל־{ $address }?
typo-use = כן, { $address }
typo-keep = לא, { $address } נכונה
sent-title = בדקו את הדואר
sent-deck = { $count ->
    [one] אם הכתובת נכונה, הודעה בדרך אליה. לחצו על הכפתור שבה בתוך יום; לפני כן לא יגיע דבר.
   *[other] אם הכתובת נכונה, הודעה בדרך אליה. לחצו על הכפתור שבה בתוך { $count } ימים; לפני כן לא יגיע דבר.
}
sent-note = אין דבר אחרי כמה דקות? חפשו בדואר הזבל. לכל כתובת אנו כותבים פעם ביום לכל היותר.
sent-again = מסירת כתובת אחרת
busy-title = לא ברגע זה
busy-deck = יש יותר בקשות ממה שאנו מקבלים בבת אחת. דבר לא נשמר; חזרו בעוד שעה או כתבו לנו.
confirm-title = צעד אחרון
confirm-deck = ביקשתם לקבל את { $newsletter } אל { $address }. לחצו על הכפתור ותהיו ברשימה.
confirm-get = מה תקבלו
confirm-topics = נושאים: { $name }.
confirm-everything = כל הנושאים.
confirm-button = אישור ההרשמה שלי
question-type = הקלידו { $number }, כדי שנדע שאתם בני אדם
question-why = גם מכונות הבודקות דואר פותחות קישורים ולוחצות על כפתורים. המספר מונע מהן לעשות זאת במקומכם.
question-again = עדיין לא נעשה דבר. נסו שוב, עם המספר שמופיע כאן עכשיו.
question-slip = זה היה מספר אחר, ולכן לא נעשה דבר. נסו שוב.
confirm-note = לא ביקשתם? סגרו את הדף; הבקשה תפוג ב־{ $date }.
steps = איפה אתם
step-asked = נרשמתם
step-confirm = אישור
step-here = אתם כאן
step-first = הגיליון הראשון
confirmed-title = אתם ברשימה
confirmed-deck = מעתה { $newsletter } מגיע אל { $address }.
confirmed-next = הגיליון הבא: { $date }.
confirmed-choose = בחירת נושאים
confirmed-read = לקריאת מה שהיה
expired-title = תוקף הקישור פג
expired-deck = { $count ->
    [one] הוא פעל יום אחד. דבר לא אבד: לחצו, וחדש יישלח לאותה כתובת.
   *[other] הוא פעל { $count } ימים. דבר לא אבד: לחצו, וחדש יישלח לאותה כתובת.
}
expired-button = שלחו לי קישור חדש
gone-title = הקישור הזה כבר לא עושה דבר
gone-deck = הוא כבר פעל, או שהבקשה נשכחה כי איש לא אישר אותה, או שעזבתם מאז. הרשמה מחדש אורכת דקה.
gone-button = הרשמה מחדש
letter-confirm-subject = אשרו את ההרשמה אל { $newsletter }
letter-confirm-title = אשרו את ההרשמה
letter-confirm-preheader = כפתור אחד, ו{ $newsletter } מגיע אליכם. אם לא ביקשתם, אין צורך לעשות דבר.
letter-confirm-lead = אתם, או מישהו בכתובת הזאת, ביקשתם את { $newsletter }. לפני הגיליון הראשון נחוץ לנו אישורכם.
letter-confirm-until = הקישור פועל עד { $date }. אם לא ביקשתם, אין צורך לעשות דבר: בלי אישורכם לא יגיע גיליון, והבקשה תימחק.
letter-link-note = אם הכפתור לא פועל, פתחו את הכתובת:
letter-text-open = { $name }: פתחו את הכתובת
letter-why = נשלח פעם אחת אל { $address } בעקבות בקשה מיום { $date } באתר { $name }.
letter-known-subject = { $newsletter } כבר מגיע אליכם
letter-known-preheader = דבר לא השתנה. בחירת נושאים, הפסקה או עזיבה בקישור האישי.
letter-known-title = אתם כבר ברשימה
letter-known-lead = מישהו, כנראה אתם, ביקש את { $newsletter } בכתובת הזאת. הוא כבר מגיע, ולכן דבר לא השתנה. בקישור האישי אפשר לבחור נושאים, להפסיק לזמן מה או לעזוב.
letter-nothing-to-do = אם זה לא הייתם אתם, אין צורך לעשות דבר.
letter-welcome-subject = ברוכים הבאים אל { $newsletter }
letter-welcome-preheader = עד הגיליון הבא, זה האחרון.
letter-welcome-title = ברוכים הבאים
letter-welcome-lead = מעתה { $newsletter } מגיע אל { $address }. עד אז, זה מה שהיה בגיליון האחרון.

## Readers and their data
preferences-reading = קריאה
preferences-others = גם בדואר
preferences-others-note = סמנו, והודעה תבקש אישור. הסירו סימון, וזה נגמר מיד.
preferences-topics-of = בחירת נושאי { $newsletter }
preferences-asked = נשמר. הודעה בדרך אליכם לאישור החדש.
preferences-waits = נשמר. כבר כתבנו אליכם היום על דבר חדש: לחצו קודם על הכפתור באותה הודעה, ואחר כך סמנו כאן את העלון הבא.
preferences-data = המידע שלכם
preferences-data-note = אנו שומרים את הכתובת, את ההגדרות האלה, ומתי אישרתם ושיניתם אותן. איננו רושמים מה אתם פותחים.
preferences-fresh-note = לכל אחד מאלה נשלחת קודם הודעה אל { $address }; הקישור שבה פועל שעה.
data-button = שלחו לי את המידע שלי
address-button = שינוי הכתובת שלי
erase-button = מחקו אותי
preferences-mailed = הודעה בדרך אל { $address }. הקישור שבה פועל שעה.
link-mail-title = שלחו לי את הקישור שלי
link-mail-deck = אין גיליון בהישג יד? מסרו כתובת, והקישור האישי להעדפות יגיע בדואר.
link-mail-button = שליחה
link-sent-deck = אם הכתובת ברשימה, הודעה עם הקישור האישי שלה בדרך.
me-data-deck = כל מה ששמור על { $address }, בקובץ JSON אחד.
me-data-button = הורדת המידע שלי
me-erase-title = למחוק הכול?
me-erase-deck = לחצו, ו־{ $address } וכל הידוע עליה יימחקו כאן לתמיד. נשאר מספר מוצפן, כדי ששום רשימה לא תחזיר אותה.
me-erase-button = מחיקת { $address }
erased-title = נמחקתם
erased-deck = הכתובת שלכם כבר אינה ידועה כאן, ודבר לא יגיע. גיבויים ישנים נמחקים עם הזמן.
me-address-title = שינוי כתובת
me-address-deck = כעת היא { $address }. מסרו את החדשה; הודעה תבקש שם אישור.
me-address-label = כתובת חדשה
me-address-button = לשאול בכתובת החדשה
me-asked-deck = אם הכתובת החדשה נכונה, הודעה בדרך אליה. דבר לא ישתנה לפני שילחצו על הכפתור שבה.
move-title = הכתובת החדשה שלכם
move-deck = לחצו, והכול יגיע מעתה אל { $address }. הודעה תישלח לכתובת הישנה.
move-button = שימוש ב־{ $address }
moved-title = הכתובת שונתה
moved-deck = הכול יגיע מעתה אל { $address }. הכתובת הישנה קיבלה הודעה ויכולה לבטל במשך שבעה ימים.
undo-title = לבטל את השינוי?
undo-deck = לחצו, והכול יחזור אל { $address }.
undo-button = החזרת { $address }
undone-title = השינוי בוטל
undone-deck = הכול מגיע שוב אל { $address }, וקישורים בידי אחרים פגו.
fresh-gone-title = הקישור הזה הסתיים
fresh-gone-deck = קישורים כאלה פועלים פעם אחת ולזמן קצר. פתחו את ההעדפות מהקישור שבכל גיליון ובקשו שוב.
goodbye-why = למה, אם תרצו לומר
goodbye-why-note = אדם קורא כל תשובה.
goodbye-why-button = שליחת התשובה
goodbye-thanks = תודה, זה עוזר.
letter-link-subject = הקישור האישי שלכם
letter-link-lead = כאן בוחרים נושאים, מפסיקים לזמן מה, משנים או עוזבים. הקישור שלכם בלבד: נא לא להעביר.
letter-hour = הקישור פועל עד { $date }. אם לא ביקשתם, אין צורך לעשות דבר: דבר לא יקרה.
letter-data-lead = ביקשתם את כל מה ששמור אצלנו עליכם. הכפתור מוביל לשם.
letter-erase-lead = ביקשתם להימחק. הכפתור מוביל לדף ששואל פעם נוספת.
letter-address-lead = ביקשתם לשנות כתובת. הכפתור מוביל לדף שבו מוסרים את החדשה.
letter-move-subject = אשרו את הכתובת החדשה
letter-move-lead = קורא של { $newsletter }, כנראה אתם, רוצה לקבל אותו בכתובת הזאת במקום באחרת. קודם נחוץ לנו אישורכם.
letter-moved-subject = הכתובת שלכם שונתה
letter-moved-lead = מאז { $date }, { $newsletter } מגיע לכתובת אחרת, שאושרה שם. אם זה אתם, אין צורך לעשות דבר.
letter-moved-until = אם זה לא אתם: הכפתור מחזיר את הכתובת הזאת, עד { $date }.
letter-moved-button = זה לא הייתי אני
