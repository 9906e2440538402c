# النصوص الثابتة بالعربية. $count و$number عددان، وما سواهما كلمات.

## الأعداد والقوائم والتواريخ
list-comma = { "، " }
label = { $name }:
list-last = { $first } و{ $last }
date-day = { $day } { $month } { $year }
date-day-month = { $day } { $month }
date-days = { $from }–{ $to } { $month }
date-range = { $first } – { $last }
date-range-months = { $from } { $first } – { $to } { $last } { $year }
date-range-same-month = { $from }–{ $to } { $month } { $year }

## النشرة
issue-number = العدد { $number }
read-online = اقرأ على الويب
in-this-issue = في هذا العدد
stories = { $count ->
    [zero] لا مقالات
    [one] مقال واحد
    [two] مقالان
    [few] { $count } مقالات
    [many] { $count } مقالًا
   *[other] { $count } مقال
}
covers-days = { $count ->
    [two] آخر يومين
    [few] آخر { $count } أيام
    [many] آخر { $count } يومًا
   *[other] آخر { $count } يوم
}
covers-weeks = { $count ->
    [two] آخر أسبوعين
    [few] آخر { $count } أسابيع
    [many] آخر { $count } أسبوعًا
   *[other] آخر { $count } أسبوع
}
minutes = { $count ->
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $count } دقائق
   *[other] { $count } دقيقة
}
minutes-read = { $count ->
    [one] دقيقة قراءة
    [two] دقيقتا قراءة
    [few] { $count } دقائق قراءة
   *[other] { $count } دقيقة قراءة
}
by = بقلم { $name }
also-at = وأيضًا في { $name }
lead-story = المقال الرئيسي
picture = الصورة: { $name }
filed-under = الموضوعات: { $name }
read-column = اقرأ عمود «{ $name }»
read-at = اقرأ المقال في { $name }
more-on-web = { $count ->
    [one] مقال آخر على الويب
    [two] مقالان آخران على الويب
    [few] { $count } مقالات أخرى على الويب
   *[other] { $count } مقالًا آخر على الويب
}
events = مواعيد
sponsored = محتوى مدفوع
correction-to = تصويب للعدد { $number }
next-for-you = اقرأ بعدها
most-read = الأكثر قراءة
more-from = المزيد من { $name }
subscribers-only = للمشتركين فقط
add-to-calendar = أضف إلى التقويم
why-you = تصلك { $newsletter } لأن العنوان { $address } أُكّد في { $date }.
manage-preferences = تعديل التفضيلات
unsubscribe = إلغاء الاشتراك
view-in-browser = عرض في المتصفح
privacy = الخصوصية
forwarded = هل أُعيد توجيهها إليك؟
subscribe-to = الاشتراك في { $newsletter }

## الصفحات
skip = إلى المحتوى
contact = اتصل بنا
to-front = إلى الصفحة الأولى
write-to-us = اكتب إلينا
front-title = النشرات البريدية
front-deck = ما ترسله { $name } بالبريد، لتقرأه هنا أولًا.
front-none = لم يصدر أي عدد بعد.
forwarded-web = يصلك العدد القادم بالبريد إن شئت.
read-on-web = اقرأ { $newsletter } على الويب
not-found-title = لا شيء هنا
not-found-deck = لا توجد صفحة في هذا العنوان. ربما كُتب خطأً أو انقطع الرابط نصفين.
failure-title = لم ينجح ذلك
failure-deck = حدث خطأ من جهتنا. لم تفقد شيئًا؛ يُرجى المحاولة مرة أخرى بعد دقائق.
link-title = هذا الرابط لا يعمل
link-deck = ربما انقطع في الطريق أو صار قديمًا. روابط آخر عدد في بريدك تعمل.
leave-title = هل تغادر القائمة؟
leave-deck = اضغط الزر ولن يصل إلى { $address } شيء من { $newsletter } بعد الآن.
leave-button = إلغاء اشتراك { $address }
leave-choose = أفضّل اختيار موضوعات أقل
leave-note = زر إلغاء الاشتراك في برنامج بريدك يفعل الشيء نفسه دون هذه الصفحة.
goodbye-title = أُلغي اشتراكك
goodbye-deck = لن يصل إلى { $address } شيء من { $newsletter } بعد الآن. شكرًا لقراءتك.
goodbye-note = هل كان ذلك سهوًا؟ اشترك من جديد متى شئت؛ سنطلب منك التأكيد كما في المرة الأولى.
preferences-title = تفضيلاتك
preferences-for = للعنوان { $address } المؤكَّد في { $date }. هذا الرابط الخاص لك وحدك؛ يُرجى ألا ترسله إلى أحد.
preferences-saved = حُفظ. سيتبع العدد القادم اختيارك.
preferences-topics = الموضوعات
preferences-save = حفظ التفضيلات
preferences-leave = المغادرة
preferences-leave-note = لا أعداد من { $newsletter } بعد الآن. سنسألك مرة واحدة إن كنت متأكدًا.
topics-everything = كل شيء
topics-everything-note = والموضوعات التي تأتي لاحقًا أيضًا
topics-only = ما أختاره فقط
leave-all = مغادرة كل نشرات { $name }
goodbye-deck-unnamed = لن يصلك شيء من { $newsletter } بعد الآن. شكرًا لقراءتك.
preferences-pause = إيقاف مؤقت
pause-until = لا رسائل قبل
pause-note = تعود الرسائل منذ ذلك اليوم دون سؤال. اتركه فارغًا لتصلك كل مرة.
pause-open = لا رسائل حتى أعود إلى هنا
wrong-topics = لم يُحفظ شيء: اختر موضوعًا واحدًا على الأقل، أو كل شيء.
wrong-day = لم يُحفظ شيء: يجب أن يكون اليوم بعد اليوم الحالي وخلال سنة.
form-title = تعذّرت قراءة هذا
form-deck = وصلت الاستمارة ناقصة أو كبيرة جدًا ولم يتغير شيء. يُرجى الرجوع والمحاولة مرة أخرى.

## الأرشيف
navigation = الصفحات
nav-issues = الأعداد
nav-subscribe = الاشتراك
archive-title = كل أعداد { $newsletter }
archive-all = كل الأعداد
archive-latest = أحدث الأعداد
archive-older = أعداد أقدم
archive-pages = الأقدم والأحدث
issue-older = قبله: { $name }
issue-newer = بعده: { $name }
pages-newer = الأحدث
pages-older = الأقدم
date-month = { $month } { $year }
search-title = بحث
search-label = البحث في الأعداد
search-button = ابحث
search-none = لا شيء يضم كل هذه الكلمات: { $words }. جرّب كلمات أقل أو موضوعًا مما يلي.
by-subject = حسب الموضوع
follow = المتابعة
follow-mail = استلامه بالبريد
follow-feed = المتابعة عبر { $name }
events-none = لا مواعيد معروفة في الوقت الحالي.
events-calendar = كل المواعيد لتقويمك
amended-title = ما تغيّر بعد الإرسال
withdrawn-deck = سُحب هذا العدد في { $date }.
readers-only-title = للقراء
readers-only-deck = أعداد { $newsletter } لمن تصلهم بالبريد. الرابط في الرسالة يفتحها.

## Signing up
subscribe-button = اشترك
subscribe-deck = ما يرسله { $name } بالبريد الإلكتروني. نقرة واحدة تنهيه.
email-address = عنوان البريد الإلكتروني
subscribe-more = المواضيع واللغة والشكل
subscribe-newsletters = النشرات
subscribe-subjects-of = مواضيع { $newsletter }
subscribe-subjects-note = إن لم تختر شيئًا فستصلك كل المواضيع.
language = اللغة
format = الشكل
format-html = مصمَّم
format-html-note = مع جزء نصي بسيط بداخله
format-text = نص بسيط فقط
format-text-note = بلا صور
subscribe-promise = لا نرسل شيئًا قبل تأكيدك. نقرة واحدة تنهي الأمر. لا تتبّع ولا قوائم مشتركة.
privacy-how = كيف نتعامل مع عنوانك
leave-empty = اترك هذا فارغًا
latest-issue = في أحدث عدد
read-latest = اقرأ العدد { $number }
wrong-address = لا يمكن الإرسال إلى هذا العنوان. يجب أن يكون على شكل name@example.org.
wrong-role = هذا العنوان تقرؤه الآلات أو المشرفون. اكتب عنوانك الخاص من فضلك.
wrong-disposable = العناوين من هذا النوع تختفي سريعًا. اكتب عنوانًا يدوم من فضلك.
wrong-newsletter = اختر نشرة واحدة على الأقل.
one-more-press = اضغط الزر مرة أخرى من فضلك لنعرف أن إنسانًا ضغطه.
typo-title = هل تقصد { $address }؟
typo-use = نعم، { $address }
typo-keep = لا، { $address } صحيح
sent-title = تفقّد بريدك
sent-deck = { $count ->
    [one] إن كان العنوان صحيحًا فالرسالة في طريقها إليه. اضغط زرها خلال يوم؛ لا يصل شيء قبل ذلك.
   *[other] إن كان العنوان صحيحًا فالرسالة في طريقها إليه. اضغط زرها خلال { $count } أيام؛ لا يصل شيء قبل ذلك.
}
sent-note = لا شيء بعد دقائق؟ انظر في البريد المزعج. نكتب إلى كل عنوان مرة واحدة في اليوم على الأكثر.
sent-again = اكتب عنوانًا آخر
busy-title = ليس الآن
busy-deck = الطلبات أكثر مما نقبله دفعة واحدة. لم يُحفظ شيء؛ عد بعد ساعة أو اكتب إلينا.
confirm-title = خطوة أخيرة
confirm-deck = طلبت إرسال { $newsletter } إلى { $address }. اضغط الزر فتصبح في القائمة.
confirm-get = ما سيصلك
confirm-topics = المواضيع: { $name }.
confirm-everything = كل المواضيع.
confirm-button = أؤكد اشتراكي
question-type = اكتب { $number } لنعرف أنك إنسان
question-why = آلات فحص البريد تفتح الروابط وتضغط الأزرار أيضًا. الرقم يمنعها من أن تفعل هذا بدلًا منك.
question-again = لم يحدث شيء بعد. حاول مرة أخرى من فضلك بالرقم الظاهر هنا الآن.
question-slip = كان رقمًا آخر، فلم يحدث شيء. حاول مرة أخرى من فضلك.
confirm-note = لم تطلب هذا؟ أغلق الصفحة؛ ينتهي الطلب في { $date }.
steps = أين أنت
step-asked = طلبت
step-confirm = التأكيد
step-here = أنت هنا
step-first = العدد الأول
confirmed-title = أنت في القائمة
confirmed-deck = من الآن تصل { $newsletter } إلى { $address }.
confirmed-next = العدد القادم: { $date }.
confirmed-choose = اختر المواضيع
confirmed-read = اقرأ ما سبق
expired-title = انتهت صلاحية هذا الرابط
expired-deck = { $count ->
    [one] عمل يومًا واحدًا. لم يضع شيء: اضغط الزر فيذهب رابط جديد إلى العنوان نفسه.
   *[other] عمل { $count } أيام. لم يضع شيء: اضغط الزر فيذهب رابط جديد إلى العنوان نفسه.
}
expired-button = أرسلوا لي رابطًا جديدًا
gone-title = هذا الرابط لم يعد يعمل
gone-deck = أدى عمله من قبل، أو نُسي الطلب لأن أحدًا لم يؤكده، أو غادرت بعد ذلك. الاشتراك من جديد يستغرق دقيقة.
gone-button = اشترك من جديد
letter-confirm-subject = أكّد اشتراكك في { $newsletter }
letter-confirm-title = أكّد اشتراكك
letter-confirm-preheader = زر واحد وتصلك { $newsletter }. إن لم تطلبها فلا تفعل شيئًا.
letter-confirm-lead = طلبت أنت، أو أحد استخدم هذا العنوان، { $newsletter }. نحتاج إلى موافقتك قبل أول عدد.
letter-confirm-until = يعمل الرابط حتى { $date }. إن لم تطلب هذا فلا تفعل شيئًا: بلا تأكيدك لا يصل أي عدد ويُمحى الطلب.
letter-link-note = إن لم يعمل الزر فافتح هذا العنوان:
letter-text-open = { $name }: افتح هذا العنوان
letter-why = أُرسلت مرة واحدة إلى { $address } بسبب طلب في { $date } على { $name }.
letter-known-subject = تصلك { $newsletter } بالفعل
letter-known-preheader = لم يتغير شيء. اختر المواضيع أو توقف أو غادر برابطك الخاص.
letter-known-title = أنت في القائمة بالفعل
letter-known-lead = طلب أحدهم، وربما أنت، { $newsletter } على هذا العنوان. إنها تصلك بالفعل فلم يتغير شيء. برابطك الخاص تختار المواضيع أو تتوقف أو تغادر.
letter-nothing-to-do = إن لم تكن أنت فلا حاجة إلى فعل شيء.
letter-welcome-subject = مرحبًا بك في { $newsletter }
letter-welcome-preheader = حتى العدد القادم، هذا أحدث عدد.
letter-welcome-title = مرحبًا
letter-welcome-lead = من الآن تصل { $newsletter } إلى { $address }. وحتى ذلك الحين، هذا ما كان في أحدث عدد.

## Readers and their data
preferences-reading = القراءة
preferences-others = أيضًا بالبريد
preferences-others-note = ضع علامة فتصلك رسالة للتأكيد. أزلها فينتهي فورًا.
preferences-topics-of = اختر مواضيع { $newsletter }
preferences-asked = حُفظ. رسالة في الطريق لتأكيد الجديد.
preferences-waits = حُفظ. راسلناكم اليوم بشأن أمر جديد: اضغطوا أولًا الزر في تلك الرسالة، ثم اختاروا هنا النشرة التالية.
preferences-data = بياناتك
preferences-data-note = نحتفظ بعنوانك وهذه الإعدادات ومتى أكّدتها وغيّرتها. لا نسجّل ما تفتحه.
preferences-fresh-note = لكل من هذه تُرسل أولًا رسالة إلى { $address }؛ يعمل رابطها ساعة.
data-button = أرسلوا لي بياناتي
address-button = تغيير عنواني
erase-button = احذفوني
preferences-mailed = رسالة في الطريق إلى { $address }. يعمل رابطها ساعة.
link-mail-title = أرسلوا لي رابطي
link-mail-deck = لا عدد في متناولك؟ اكتب عنوانك فيصلك رابط تفضيلاتك الخاص بالبريد.
link-mail-button = أرسل
link-sent-deck = إن كان العنوان في القائمة فرسالة برابطه الخاص في الطريق.
me-data-deck = كل ما هو محفوظ عن { $address } في ملف JSON واحد.
me-data-button = تنزيل بياناتي
me-erase-title = حذف كل شيء؟
me-erase-deck = اضغط الزر فيُحذف { $address } وكل ما نعرفه عنه هنا إلى الأبد. يبقى رقم مشفّر كي لا تعيده أي قائمة.
me-erase-button = حذف { $address }
erased-title = حُذفت
erased-deck = عنوانك لم يعد معروفًا هنا ولن يصلك شيء. النسخ الاحتياطية الأقدم تنتهي بمدتها.
me-address-title = غيّر عنوانك
me-address-deck = الآن هو { $address }. اكتب العنوان الجديد؛ ستصل إليه رسالة للتأكيد.
me-address-label = العنوان الجديد
me-address-button = اسألوا على العنوان الجديد
me-asked-deck = إن كان العنوان الجديد صحيحًا فرسالة في طريقها إليه. لا يتغير شيء قبل ضغط زرها.
move-title = عنوانك الجديد
move-deck = اضغط الزر فيذهب كل شيء من الآن إلى { $address }. يُخبَر العنوان القديم.
move-button = استخدم { $address }
moved-title = تغيّر عنوانك
moved-deck = يذهب كل شيء من الآن إلى { $address }. أُخبر العنوان القديم ويمكنه التراجع خلال سبعة أيام.
undo-title = التراجع عن التغيير؟
undo-deck = اضغط الزر فيعود كل شيء إلى { $address }.
undo-button = أعد { $address }
undone-title = أُلغي التغيير
undone-deck = عاد كل شيء إلى { $address }، وانتهت الروابط التي في يد غيرك.
fresh-gone-title = انتهى هذا الرابط
fresh-gone-deck = هذه الروابط تعمل مرة واحدة ولوقت قصير. افتح تفضيلاتك برابط أي عدد واطلب من جديد.
goodbye-why = لماذا، إن أحببت القول
goodbye-why-note = يقرأ إنسان كل جواب.
goodbye-why-button = أرسل الجواب
goodbye-thanks = شكرًا، هذا يفيدنا.
letter-link-subject = رابطك الخاص
letter-link-lead = هنا تختار المواضيع أو تتوقف أو تغيّر أو تغادر. الرابط لك وحدك: لا تعد توجيهه.
letter-hour = يعمل الرابط حتى { $date }. إن لم تطلبه فلا تفعل شيئًا: لن يحدث شيء.
letter-data-lead = طلبت كل ما نحفظه عنك. الزر يقودك إليه.
letter-erase-lead = طلبت حذفك. الزر يقودك إلى صفحة تسأل مرة أخرى.
letter-address-lead = طلبت تغيير عنوانك. الزر يقودك إلى صفحة تكتب فيها الجديد.
letter-move-subject = أكّد عنوانك الجديد
letter-move-lead = قارئ لـ { $newsletter }، وربما أنت، يريد وصولها إلى هذا العنوان بدل آخر. نحتاج أولًا إلى موافقتك.
letter-moved-subject = تغيّر عنوانك لدينا
letter-moved-lead = منذ { $date } تذهب { $newsletter } إلى عنوان آخر تم تأكيده هناك. إن كنت أنت فلا حاجة إلى شيء.
letter-moved-until = إن لم تكن أنت: الزر يعيد هذا العنوان، حتى { $date }.
letter-moved-button = لم أكن أنا
