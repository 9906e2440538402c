//! Pages of newsrooms, written for these tests.

use super::*;

mod wild;

fn page(html: &str) -> Page {
    read(html.as_bytes(), None, Some(&Url::parse("https://gazette.example/2026/11/vote.html").unwrap())).unwrap()
}

const TEXT: &str = "<article><h1>Senate passes the water bill</h1><p>The senate passed the water bill on Friday after nine hours of debate, with three members of the governing party voting against it in the end.</p>\
    <p>The bill obliges towns to replace lead pipes within ten years, and it sets aside four billion for those that cannot pay, which critics call far too little for the task.</p>\
    <p>Subscribers only: sign in to continue reading.</p><p>“We have waited for this for a generation,” said the mayor of Harborough, whose town replaced its first pipe in the spring of last year.</p></article>";

#[test]
fn json_ld_in_a_graph_is_read() {
    let html = format!(
        r##"<!doctype html><html lang="en-GB"><head><title>Senate passes the water bill | The Gazette</title><script type="application/ld+json">
        {{"@context":"https://schema.org","@graph":[{{"@type":"WebSite","name":"The Gazette"}},{{"@type":["NewsArticle"],"headline":"Senate passes the water bill","author":[{{"@id":"#ann"}},{{"@type":"Person","name":"Bob Lee"}}],
        "datePublished":"2026-11-20T08:30:00+01:00","dateModified":"2026-11-20T10:00:00Z","articleSection":"Politics","keywords":["Water","Senate","type:article"],"isAccessibleForFree":"False",
        "image":{{"@type":"ImageObject","url":"/i/pipe.jpg","caption":"A lead pipe","creditText":"Cy Orr"}},"mainEntityOfPage":"https://gazette.example/2026/11/vote.html","publisher":{{"name":"The Gazette"}}}},
        {{"@type":"Person","@id":"#ann","name":"Ann Smith"}}]}}</script></head><body>{TEXT}</body></html>"##
    );
    let page = page(&html);
    assert_eq!(page.title.as_str(), "Senate passes the water bill");
    assert_eq!(page.authors.iter().map(Line::as_str).collect::<Vec<_>>(), ["Ann Smith", "Bob Lee"]);
    assert_eq!(page.published.unwrap().to_rfc3339(), "2026-11-20T07:30:00+00:00");
    assert_eq!(page.labels.iter().map(Line::as_str).collect::<Vec<_>>(), ["Water", "Senate"]);
    assert_eq!(
        (page.column.as_ref().unwrap().as_str(), page.site_name.as_ref().unwrap().as_str()),
        ("Politics", "The Gazette")
    );
    let picture = page.picture.as_ref().unwrap();
    assert_eq!(
        (picture.url.as_str(), picture.alt.as_str(), picture.credit.as_ref().unwrap().as_str()),
        ("https://gazette.example/i/pipe.jpg", "A lead pipe", "Cy Orr")
    );
    assert!(
        page.paywalled && !page.text.contains("sign in") && page.text.contains("lead pipes within"),
        "{}",
        page.text
    );
    assert_eq!(page.language.as_ref().unwrap().as_str(), "en-gb");
    assert!(page.excerpt().as_str().starts_with("The senate passed the water bill"));
}

#[test]
fn meta_and_microdata_are_read_without_json_ld() {
    let html = format!(
        r#"<html dir="rtl" lang="fa"><head><title>Senate passes the water bill - Gazette</title><meta property="og:site_name" content="Gazette"><meta property="og:title" content="Senate passes the water bill - Gazette">
        <meta name="description" content="Nine hours of debate."><meta property="article:tag" content="Water"><meta property="article:tag" content="Lead"><meta property="article:section" content="Home news">
        <meta property="og:image" content="https://gazette.example/p.png"><link rel="canonical" href="/2026/11/vote.html?x=1"></head><body><div class="byline">By <a rel="author" href="/ann">Ann Smith</a></div>
        <time datetime="2026-11-20">20 Nov</time>{TEXT}</body></html>"#
    );
    let page = page(&html);
    assert_eq!((page.title.as_str(), page.summary.as_str()), ("Senate passes the water bill", "Nine hours of debate."));
    assert_eq!(page.authors[0].as_str(), "Ann Smith");
    assert_eq!(page.published_raw.as_deref(), Some("2026-11-20"));
    assert_eq!(page.labels.len(), 2);
    assert_eq!(page.direction, Some(Direction::Rtl));
    assert_eq!(page.url.as_ref().unwrap().as_str(), "https://gazette.example/2026/11/vote.html?x=1");
}

#[test]
fn hostile_pages_are_refused_by_the_guard() {
    assert!(read("<div>".repeat(10_000).as_bytes(), None, None).is_err());
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let _ = read(&bytes, None, None);
    }

    #[test]
    fn no_near_page_makes_it_panic(body in "(</?(html|head|title|meta|p|h1|article|time|div|script|a|table|td)( (content|name|property|rel|type|href|class)=['\"]?[a-z:/]{0,8}['\"]?){0,2}>|\\PC){0,50}") {
        let _ = read(body.as_bytes(), None, None);
    }
}

#[test]
fn the_byline_is_that_of_the_article_and_not_of_other_stories() {
    let html = format!(
        "<body class='has-sidebar'><div class='related-stories'><span class='byline'>By Cy Orr</span></div>\
         <main><p class='article-byline'>By Ann Smith and Bob Lee, Senior Correspondent</p><span class='post-date'>Published March 3, 2025</span>{TEXT}\
         <div class='author-bio'>By Ann</div></main><aside><a rel='author'>Dee Fox</a></aside></body>"
    );
    let page = page(&html);
    assert_eq!(page.authors.iter().map(Line::as_str).collect::<Vec<_>>(), ["Ann Smith", "Bob Lee"]);
    assert_eq!(page.published.unwrap().date_naive().to_string(), "2025-03-03");
}

#[test]
fn who_wrote_it_is_a_person_rather_than_the_site() {
    let html = format!(
        r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Senate passes the water bill","author":{{"name":"The Gazette"}},"publisher":{{"name":"The Gazette"}}}}</script><p class=byline>By Ann Smith</p>{TEXT}"#
    );
    assert_eq!(page(&html).authors[0].as_str(), "Ann Smith");
    let by_site = html.replace("<p class=byline>By Ann Smith</p>", "");
    assert_eq!(page(&by_site).authors[0].as_str(), "The Gazette");
}

#[test]
fn tags_are_found_where_a_page_shows_them() {
    let labels = |html: String| page(&html).labels.iter().map(|l| l.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        labels(format!("{TEXT}<div class='post__tags'><a href=/t/1>Water</a><a href=/t/2>#Lead</a></div>")),
        ["Water", "Lead"]
    );
    assert_eq!(
        labels(format!("{TEXT}<p>Found in: <a href=/t/1>water</a>, <a href=/t/2>lead pipes</a></p>")),
        ["water", "lead pipes"]
    );
    assert_eq!(labels(format!("{TEXT}<p>Tags: water, lead pipes</p>")), ["water", "lead pipes"]);
    assert_eq!(
        labels(format!("{TEXT}<aside class='tag-cloud tags'><a href=/t/1>Sports</a></aside>")),
        Vec::<String>::new()
    );
}

#[test]
fn the_record_for_parsely_is_read() {
    let html = format!(
        "<meta name='parsely-page' content='{{&quot;title&quot;:&quot;Senate passes the water bill&quot;,&quot;author&quot;:&quot;Dan Good&quot;,&quot;pub_date&quot;:&quot;2015-04-16T20:02:01Z&quot;,&quot;section&quot;:&quot;Biz &amp;amp; IT&quot;,&quot;tags&quot;:[&quot;pipes&quot;,&quot;type: report&quot;]}}'>{TEXT}"
    );
    let page = page(&html);
    assert_eq!((page.authors[0].as_str(), page.column.as_ref().unwrap().as_str()), ("Dan Good", "Biz & IT"));
    assert_eq!((page.labels.len(), page.published_raw.as_deref()), (1, Some("2015-04-16T20:02:01Z")));
}

#[test]
fn the_lead_picture_comes_with_caption_credit_licence_and_size() {
    let html = format!(
        "<meta property='og:image' content='https://gazette.example/images/logo.png'><meta property='og:image' content='https://cdn.gazette.example/640/pipes-in-town.jpg?w=640'>{TEXT}\
         <figure><img src='/img/pipes-in-town.jpg' width=800 height=600><figcaption>Pipes in Harborough. Photo: Cy Orr <a rel=license href='https://creativecommons.org/licenses/by/4.0/'>CC BY 4.0</a></figcaption></figure>"
    );
    let picture = page(&html).picture.unwrap();
    assert_eq!(picture.url.as_str(), "https://cdn.gazette.example/640/pipes-in-town.jpg?w=640");
    assert_eq!((picture.size, picture.licence.unwrap().as_str()), (Some((800, 600)), "CC BY 4.0"));
    assert!(picture.credit.unwrap().as_str().starts_with("Cy Orr") && picture.alt.as_str().starts_with("Pipes in"));
}

#[test]
fn a_picture_is_credited_where_the_page_marks_who_made_it() {
    let shown = |beside: &str| {
        let html = format!(
            "{TEXT}<article><figure><img src='/img/pipes-in-town.jpg' width=800 height=600>{beside}</figure></article>"
        );
        page(&html).picture.unwrap().credit.map(|credit| credit.as_str().to_owned())
    };
    assert_eq!(
        shown("<figcaption>Pipes.</figcaption><span class='photo-credit'>Photo: Cy Orr</span>").as_deref(),
        Some("Cy Orr")
    );
    assert_eq!(
        shown("<figcaption>Pipes.</figcaption><span itemprop='copyrightHolder'>The Agency</span>").as_deref(),
        Some("The Agency")
    );
    assert_eq!(shown("<figcaption>Pipes.</figcaption>"), None);
    let described = |says: &str| {
        let html = format!(
            r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"x","image":{{"@type":"ImageObject","url":"/i/pipe.jpg",{says}}}}}</script>{TEXT}"#
        );
        page(&html).picture.unwrap().credit.map(|credit| credit.as_str().to_owned())
    };
    assert_eq!(described(r#""creator":{"@type":"Person","name":"Cy Orr"}"#).as_deref(), Some("Cy Orr"));
    assert_eq!(described(r#""copyrightNotice":"The Agency""#).as_deref(), Some("The Agency"));
}

#[test]
fn the_address_names_the_day_where_nothing_else_does() {
    let url = Url::parse("https://gazette.example/2026/11/20/vote").unwrap();
    let page = read(TEXT.as_bytes(), None, Some(&url)).unwrap();
    assert_eq!(page.published.unwrap().date_naive().to_string(), "2026-11-20");
}

#[test]
fn a_paid_story_is_marked() {
    assert!(page(&format!("<meta property='article:section' content='Sponsored Content'>{TEXT}")).sponsored);
    assert!(!page(TEXT).sponsored);
}

fn published(html: &str) -> String {
    let page = read(html.as_bytes(), None, Some(&Url::parse("https://gazette.example/vote.html").unwrap())).unwrap();
    page.published.map(|at| at.date_naive().to_string()).unwrap_or_default()
}

#[test]
fn the_date_is_found_wherever_a_page_says_it() {
    for html in [
        "<meta property='dc:created' content=2026-11-20>",
        "<meta itemprop=datecreated datetime=2026-11-20>",
        "<p class=byline>Published on <abbr data-utime=1795132800>Friday</abbr></p>",
        "<div class=fecha>20/11/2026</div>",
        "<p>Von Christian am 20.11.2026, 11:51 | 0 Meinungen</p>",
        "<footer class=article-footer><p>Veröffentlicht am <time class=updated datetime=2026-11-20T14:56:51Z></time></p></footer>",
        "<p><em>Last updated: 11/20/26</em></p>",
        "<script>var page = {\"datePublished\":\"2026-11-20\"}</script>",
        "<h2 class=date-header><span>Friday, November 20, 2026</span></h2>",
        "<div>Le 20 novembre 2026</div>",
        "<p>发布时间：2026年11月20日 10:22</p>",
    ] {
        assert_eq!(
            published(&format!("<html lang=en><h1>Senate passes the water bill</h1>{html}{TEXT}")),
            "2026-11-20",
            "{html}"
        );
    }
}

#[test]
fn dates_that_are_not_the_articles_are_left_alone() {
    for html in [
        "<p>© 2026 The Gazette, since 20 November 1926</p>",
        "<blockquote><time datetime=2018-03-12>12 March</time></blockquote>",
        "<aside><span class=date>20 November 2026</span></aside>",
        "<p>The senate met on 20 November 2026, as it had been announced long before that week by everybody who had a say in it, and nobody wondered.</p>",
    ] {
        assert_eq!(published(&format!("{html}{TEXT}")), "", "{html}");
    }
}

#[test]
fn a_date_with_slashes_is_read_as_its_language_writes_it() {
    let day =
        |lang: &str| published(&format!("<html lang={lang}><h1>Water</h1><span class=date>03/04/2026</span>{TEXT}"));
    assert_eq!((day("en-US"), day("de"), day("fa")), ("2026-03-04".into(), "2026-04-03".into(), "2026-04-03".into()));
}

#[test]
fn a_frame_around_the_whole_page_is_no_sidebar() {
    let html = format!(
        "<div class='mainwrap sidebar'><h1>Senate passes the water bill</h1><div class=post-footer><span class='vcard fn'>Ann Smith</span> <span class=date>20 November 2026</span></div>{TEXT}</div>"
    );
    assert_eq!((page(&html).authors[0].as_str(), published(&html).as_str()), ("Ann Smith", "2026-11-20"));
}

#[test]
fn people_are_told_from_agencies_pictures_and_furniture() {
    let author =
        |html: &str| page(&format!("{html}{TEXT}")).authors.first().map(|a| a.as_str().to_owned()).unwrap_or_default();
    for html in [
        "<meta property=og:author content='Ann Smith'>",
        "<author>Ann Smith</author>",
        "<span id=author>Ann_Smith</span>",
        "<a class=username>Ann Smith</a>",
        "<div data-component=Byline>By: Ann Smith ❤️</div>",
        "<div class=author><svg><title>icon</title></svg>Ann Smith <div class=title>Editor</div></div>",
        r#"<script type=application/ld+json>{"@type":"NewsArticle","headline":"x","author":{"@type":"Organization","name":"Wire"},"creator":["Ann Smith"]}</script>"#,
        r#"<script type=application/ld+json>{"@type":"NewsArticle","headline":"x","author":{"name":"By <a href="/ann">Ann Smith</a> and Bob Lee, CNN"},}</script>"#,
    ] {
        assert_eq!(author(html), "Ann Smith", "{html}");
    }
    for html in ["<figure><div class=author>Cy Orr</div></figure>", "<div class=byline>Last updated: Friday</div>"] {
        assert_eq!(author(html), "", "{html}");
    }
}

#[test]
fn an_encyclopedias_title_is_the_name_and_not_the_description() {
    let html = format!(
        r#"<title>Water - Wikipedia</title><script type="application/ld+json"><![CDATA[
        {{"@type":"Article","name":"Water","headline":"substance that falls from the sky"}}
        ]]></script>{}"#,
        TEXT.replace("Senate passes the water bill", "Water")
    );
    assert_eq!(page(&html).title.as_str(), "Water");
}

#[test]
fn lines_of_the_markup_are_not_lines_of_the_text() {
    let wrapped = page(
        "<article><h1>Water</h1><p>The senate passed the water bill on\n        Friday after nine hours of debate, with three members of the\n        governing party voting against it.</p><p>The bill obliges towns to replace lead pipes within ten years, and it sets aside four billion.</p></article>",
    );
    assert!(
        wrapped.excerpt().as_str().starts_with("The senate passed the water bill on Friday after nine"),
        "{}",
        wrapped.excerpt().as_str()
    );
}

#[test]
fn a_page_that_is_too_much_for_its_scripts_sake_is_read_without_them() {
    let html = format!(
        "<title>Senate passes the water bill</title><script>{}</script><meta name=author content='Ann Smith'>{TEXT}",
        "x".repeat(5 << 20)
    );
    assert!(page(&html).text.contains("lead pipes") && page(&html).authors[0].as_str() == "Ann Smith");
    let many = format!(
        "<head><title>Senate passes the water bill</title><meta name=author content='Ann Smith'></head><body>{TEXT}{}",
        "<i>x</i>".repeat(70_000)
    );
    assert_eq!(
        (page(&many).title.as_str(), page(&many).authors[0].as_str()),
        ("Senate passes the water bill", "Ann Smith")
    );
}

#[test]
fn categories_are_not_tags() {
    let page = page(&format!(
        "{TEXT}<footer class=entry-footer><a rel='category tag' href=/c/p>Politics</a><a rel=tag href=/t/w>Water</a></footer>"
    ));
    assert_eq!((page.column.unwrap().as_str(), page.labels.len(), page.labels[0].as_str()), ("Politics", 1, "Water"));
}

fn day_of(body: &str) -> Option<String> {
    let page = read(body.as_bytes(), None, Some(&Url::parse("https://gazette.example/vote.html").unwrap())).unwrap();
    page.published.map(|at| at.date_naive().to_string())
}

#[test]
fn a_date_is_told_by_the_label_before_it_in_whatever_language() {
    for (label, date) in [
        ("Datum", "12.01.2017"),
        ("Fecha:", "12/01/2017"),
        ("Erschienen:", "12.01.2017"),
        ("Дата", "12.01.2017"),
        ("日期：", "2017-01-12"),
    ] {
        let html = format!(
            "<html lang=de><body><p>Am 3. Mai 2009 begann alles, und am 4. Juni 2010 war es schon wieder vorbei.</p><dl><dt>{label}</dt><dd>{date}</dd></dl></body></html>"
        );
        assert_eq!(day_of(&html).as_deref(), Some("2017-01-12"), "{label}");
    }
}

#[test]
fn beside_the_article_only_a_labelled_date_is_believed() {
    let beside = |inner: &str| {
        day_of(&format!("<body><article><h1>A</h1><p>Words and words.</p></article><aside>{inner}</aside></body>"))
    };
    assert_eq!(beside("<dl><dt>Date</dt><dd>March 3, 2025</dd></dl>").as_deref(), Some("2025-03-03"));
    assert_eq!(beside("<p>Another story, of March 3, 2025</p>"), None);
}

#[test]
fn a_day_behind_a_copyright_mark_is_better_than_none_and_years_are_none() {
    assert_eq!(day_of("<p>© The Gazette, 13.07.2021</p>").as_deref(), Some("2021-07-13"));
    assert_eq!(day_of("<p>© The Gazette, 13.07.2021</p><p>Published 14.07.2021</p>").as_deref(), Some("2021-07-14"));
    assert_eq!(day_of("<p>© 2012–2021 The Gazette</p>"), None);
}

#[test]
fn the_day_of_a_picture_is_supposed_and_not_believed() {
    let html =
        "<meta property='og:image' content='/files/2016/05/04/x.jpg'><p>Words.</p><img src='/i/2016-05-03/y.jpg'>";
    let page = page(html);
    assert_eq!(
        (page.published, page.supposed.map(|at| at.date_naive().to_string())),
        (None, Some("2016-05-04".into()))
    );
}

#[test]
fn links_that_lead_to_tags_are_tags_and_come_before_words_for_search_engines() {
    let html = |links: &str| {
        format!(
            "<html><head><title>x</title><meta name=keywords content='senate, passes, the, water, bill'></head><body>\
             <nav><a href='/tag/sport/'>Sport</a></nav>{TEXT}<div>{links}</div></body></html>"
        )
    };
    let labels = |links: &str| page(&html(links)).labels.iter().map(|l| l.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        labels(
            "<a href='/tag/lead'>Lead</a>, <a href='https://gazette.example/topics/pipes/'>Pipes</a> <a href='/tag/'>All</a>"
        ),
        ["Lead", "Pipes"]
    );
    let said = "The account of the <a href='/topics/war/'>war of the pipes</a> is long, and whoever reads it to its end will know more.";
    assert_eq!(labels(&format!("<p>{said}</p><ul><li><a href='/tag/lead'>Lead</a></li></ul>")), ["Lead"]);
    assert_eq!(labels("<p>More: <a href='/tag/lead'>Lead</a>, <a href='/tag/pipes'>Pipes</a></p>"), ["Lead", "Pipes"]);
    let cloud = (0..26).map(|n| format!("<a href='/tag/{n}'>Tag {n}</a>")).collect::<Vec<_>>().concat();
    assert_eq!(labels(&cloud).len(), 5);
}

#[test]
fn a_line_that_says_when_a_page_was_submitted_names_nobody() {
    let html =
        format!("<html><body><span class='submitted-by'>Submitted on Mon, 2026-11-20 13:49</span>{TEXT}</body></html>");
    assert!(page(&html).authors.is_empty());
}
