//! Pages as newsrooms really write them: each of these was once read wrongly. Written for these tests.

use super::*;

fn authors(html: &str) -> Vec<String> {
    page(html).authors.iter().map(|name| name.as_str().to_owned()).collect()
}

fn labels(html: &str) -> Vec<String> {
    page(html).labels.iter().map(|label| label.as_str().to_owned()).collect()
}

fn categories(html: &str) -> Vec<String> {
    page(html).categories.iter().map(|label| label.as_str().to_owned()).collect()
}

fn instant(html: &str) -> Option<String> {
    let page = read(html.as_bytes(), None, Some(&Url::parse("https://gazette.example/vote.html").unwrap())).unwrap();
    page.published.map(|at| at.to_rfc3339())
}

#[test]
fn references_are_read_before_labels_are_parted() {
    let html = |content: &str| format!("<meta property='article:tag' content='{content}'>{TEXT}");
    assert_eq!(
        labels(&html("Privacy &amp;amp; Technology, Editor&amp;#39;s picks")),
        ["Privacy & Technology", "Editor's picks"]
    );
}

#[test]
fn a_label_of_its_own_element_keeps_its_commas() {
    let html = format!(
        "<meta property='article:tag' content='Mergers, Acquisitions and Divestitures'><meta property='article:tag' content='Water'>{TEXT}"
    );
    assert_eq!(labels(&html), ["Mergers, Acquisitions and Divestitures", "Water"]);
}

#[test]
fn what_programs_write_where_there_is_no_label_is_none() {
    let html = format!(
        "<meta property='article:section' content='nil'><meta name=section content='9A43D8FC-F4CF-44D9-9B34-138D30468F8F'>\
         <meta name=category content='Travel'><meta name=news_keywords content='null, Tags, Water, All topics »'>{TEXT}"
    );
    assert_eq!((categories(&html), labels(&html)), (vec!["Travel".into()], vec!["Water".into()]));
}

#[test]
fn a_list_of_all_categories_with_their_counts_is_not_the_storys() {
    let html = format!("<div class='entry-categories'><a href=/c/1>Travel</a><a href=/c/2>Tents (12)</a></div>{TEXT}");
    assert_eq!(categories(&html), ["Travel"]);
}

#[test]
fn sections_come_as_paths_and_lists_too() {
    let html = |content: &str| format!("<meta property='article:section' content='{content}'>{TEXT}");
    assert_eq!(categories(&html("/world/middle_east")), ["middle east"]);
    assert_eq!(categories(&html("news,nation")), ["news", "nation"]);
    assert_eq!(categories(&html("Arts, Culture & Books")), ["Arts, Culture & Books"]);
}

#[test]
fn the_headline_and_the_byline_are_no_tags() {
    let html = format!(
        "<meta name=author content='Ann Smith'><meta name=keywords content='Senate passes the water bill, Ann Smith, Water'>{TEXT}"
    );
    assert_eq!(labels(&html), ["Water"]);
}

#[test]
fn menus_and_other_stories_are_no_tags() {
    let menu = (0..8).map(|n| format!("<a href='/topic/{n}'>Topic {n}</a>")).collect::<Vec<_>>().concat();
    assert_eq!(labels(&format!("<div>{menu}</div>{TEXT}")), Vec::<String>::new());
    let others =
        "<div class=topics><a href=/1>The race that says it all</a><a href=/2>Why the senate did not pass it</a></div>";
    assert_eq!(labels(&format!("<meta name=keywords content='Water'>{TEXT}{others}")), ["Water"]);
    assert_eq!(labels(&format!("{TEXT}<div>Topicseed <a href=/p>Pricing</a></div>")), Vec::<String>::new());
}

#[test]
fn whoever_published_it_is_no_author_beside_people() {
    let html = |site: &str, byline: &str| {
        format!("<meta property='og:site_name' content='{site}'><meta name=author content='{byline}'>{TEXT}")
    };
    assert_eq!(authors(&html("The Daily Gazette", "Ann Smith, THE DAILY GAZETTE")), ["Ann Smith"]);
    assert_eq!(authors(&html("The Daily Gazette", "The Daily Gazette")), ["The Daily Gazette"]);
    assert_eq!(authors(&html("Mac &amp; i", "Mac &amp; i")), ["Mac & i"]);
    assert_eq!(authors(&html("", "Ann Smith, GAZETTE EXAMPLE")), ["Ann Smith"]);
}

#[test]
fn a_person_in_the_byline_is_surer_than_an_agency_an_organisation_or_an_account() {
    let html = |author: &str| {
        format!(
            r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Senate passes the water bill","author":{author}}}</script><p class=byline>By Bob Lee</p>{TEXT}"#
        )
    };
    for author in [r#"{"@type":"Organization","name":"Wire News"}"#, r#"{"name":"Reuters"}"#, r#"{"name":"blee42"}"#] {
        assert_eq!(authors(&html(author)), ["Bob Lee"], "{author}");
        assert_eq!(authors(&html(author).replace("By Bob Lee", "")).len(), 1, "{author}");
    }
    assert_eq!(authors(&html(r#"{"name":"Ann Smith"}"#)), ["Ann Smith"]);
}

#[test]
fn who_is_quoted_pictured_or_signed_in_did_not_write_it() {
    for html in [
        "<div class=quote><p class=quote-author>Ann Smith</p></div>",
        "<div class=photo><span class='imageCaptionCredit'><span class=caption>Runners taking part in the race</span></span></div>",
        "<table class=vcard><caption class='fn org'>The Gazette Trust</caption></table>",
        "<ul><li><a href='https://gazette.example/settings/profile/'>Preferences</a></li></ul>",
        "<p class=username>Account You're logged in as</p>",
    ] {
        assert_eq!(authors(&format!("{html}{TEXT}")), Vec::<String>::new(), "{html}");
    }
}

#[test]
fn what_microdata_gives_to_an_article_is_its_own_even_in_an_aside() {
    let foot = "<aside><span itemprop=author itemscope itemtype='http://schema.org/Person'><span itemprop=name>Ann Smith</span></span>\
        <time itemprop=datePublished datetime=2026-11-20>Friday</time></aside>";
    let html = format!(
        "<article itemscope itemtype='http://schema.org/BlogPosting'><p><a href='/x'>August 22, 2013</a></p>{TEXT}{foot}</article>"
    );
    assert_eq!(
        (authors(&html), instant(&html).as_deref()),
        (vec!["Ann Smith".into()], Some("2026-11-20T00:00:00+00:00"))
    );
    let other =
        format!("{TEXT}<aside><article itemscope itemtype='http://schema.org/BlogPosting'>{foot}</article></aside>");
    assert_eq!((authors(&other), instant(&other)), (vec![], None));
}

#[test]
fn the_only_author_whom_a_page_links_counts_in_a_box_beside_it_too() {
    let boxed = |name: &str| format!("<div class=sidebar><a rel=author href=/x>{name}</a></div>");
    assert_eq!(authors(&format!("{TEXT}{}", boxed("Ann Smith"))), ["Ann Smith"]);
    assert_eq!(authors(&format!("{TEXT}{}{}", boxed("Ann Smith"), boxed("Bob Lee"))), Vec::<String>::new());
}

#[test]
fn a_heading_that_leads_to_the_front_page_is_the_sites() {
    let html = "<title>On pipes [The Water Archive]</title><h1><a href='https://gazette.example/'>The Water Archive beta</a></h1><p>Words.</p>";
    assert_eq!(page(html).title.as_str(), "On pipes [The Water Archive]");
    let manual = "<title>On pipes — the manual of water</title><h1><a href=index.html>the manual of water</a></h1><h1>On pipes<a class=headerlink href='#p'>¶</a></h1><p>Words.</p>";
    assert_eq!(page(manual).title.as_str(), "On pipes");
    let domain = "<html><head><title>gazette.example</title></head><body><h1>Water</h1><p>Words.</p></body></html>";
    assert_eq!(page(domain).title.as_str(), "Water");
}

#[test]
fn the_sites_name_is_no_summary() {
    let html = format!(
        "<meta property='og:site_name' content=Gazette><meta property='og:description' content=Gazette><meta name=description content='Nine hours of debate.'>{TEXT}"
    );
    assert_eq!(page(&html).summary.as_str(), "Nine hours of debate.");
}

#[test]
fn a_declared_day_takes_its_time_from_the_markup_of_that_day_and_no_other() {
    let html = |time: &str| format!("<meta name=sailthru.date content=2026-11-20><article>{time}</article>{TEXT}");
    let first = instant(&html("<time datetime='2026-11-19T20:08:00-04:00'>19 Nov</time>"));
    assert_eq!(first.as_deref(), Some("2026-11-20T00:08:00+00:00"));
    for other in [
        "<time itemprop=dateModified datetime='2026-11-20T10:37:32+02:00'>x</time>",
        "<time datetime='2026-11-21T10:37:32+02:00'>x</time>",
    ] {
        assert_eq!(instant(&html(other)).as_deref(), Some("2026-11-20T00:00:00+00:00"), "{other}");
    }
}

#[test]
fn dates_stand_in_scripts_datelines_and_short_years() {
    for html in [
        "<script>var page = { id: '7', pubtime: '2026年11月20日' }; var x = {\"podcast_publish_date\":\"March 26, 2020\"}</script>",
        "<script>{\"podcast_publish_date\":\"March 26, 2020\"}</script><h6 class=author-date>\n   <b>By Ann Smith</b>\n                      <i>November 20, 2026</i></h6>",
        "<h1>Water</h1><p>Nov. 20, 2026 -- The senate passed the water bill after nine hours of debate, with three members of the governing party against it.</p>",
        "<p class=date>20 Nov 26</p>",
        "<cite><abbr title='2026-11-20'>1 hr ago</abbr></cite>",
        "<meta property='og:regDate' content='20261120030646'>",
    ] {
        assert_eq!(published(&format!("{html}{TEXT}")), "2026-11-20", "{html}");
    }
    let url = Url::parse("https://gazette.example/2026/POLITICS/11/20/vote/index.html").unwrap();
    assert_eq!(
        read(TEXT.as_bytes(), None, Some(&url)).unwrap().published.unwrap().date_naive().to_string(),
        "2026-11-20"
    );
}

#[test]
fn a_byline_without_markup_is_read_below_the_headline() {
    for (line, expected) in [
        ("<p>By Ann Smith and Bob Lee</p>", vec!["Ann Smith", "Bob Lee"]),
        ("<div><span>Von</span> <a href=/x>Petra Klein</a></div>", vec!["Petra Klein"]),
        ("<span>2026-11-20</span><span>作者：张伟</span><span>责任编辑：王五</span>", vec!["张伟"]),
        ("<span>نویسنده: علی رضایی</span>", vec!["علی رضایی"]),
        ("<p class=firma>Por María López García</p>", vec!["María López García"]),
        ("<p>By Friday it was over</p>", vec![]),
        ("<p>By the time the senate met, nobody was there.</p>", vec![]),
    ] {
        let html = format!("<h1>Water</h1>{line}{}", TEXT.replace("h1>", "h2>"));
        assert_eq!(authors(&html), expected, "{line}");
    }
}

#[test]
fn agencies_templates_and_catalogues_do_not_confuse_a_byline() {
    assert_eq!(
        authors(&format!("<p class=byline>By Ann Smith and Bob Lee, Associated Press</p>{TEXT}")),
        ["Ann Smith", "Bob Lee"]
    );
    let template = "<meta name=author value='Template Maker'><span class='post-author vcard'>Posted by <span class=fn>Ann Smith</span></span>";
    assert_eq!(authors(&format!("{template}{TEXT}")), ["Ann Smith"]);
    let paper = "<meta name=citation_author content='Smith, Ann'><meta name=citation_author content='de Vries, Jan'>";
    assert_eq!(authors(&format!("{paper}{TEXT}")), ["Ann Smith", "Jan de Vries"]);
}

#[test]
fn a_headline_that_was_cut_for_others_is_shown_whole() {
    let html = "<meta property='og:title' content='Water bill passes the senate after nine…'><h1>Water bill passes the senate after nine hours of debate</h1><p>Words.</p>";
    assert_eq!(page(html).title.as_str(), "Water bill passes the senate after nine hours of debate");
}

#[test]
fn tags_stand_in_microdata_behind_labels_and_at_the_end_of_long_pages() {
    let long = "<div>x</div>".repeat(400);
    for tags in [
        "<span itemprop=keywords>Water, Lead</span>",
        "<p itemprop=keywords>Tagged <a href=/1>Water</a>, <a href=/2>Lead</a></p>",
        "<div>Schlagworte: <a href=/t/1>Water</a>, <a href=/t/2>Lead</a></div>",
        "<p><a href='/search/label/1'>#Water</a> <a href='/search/label/2'>#Lead</a></p>",
        r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","about":[{"name":"Water"},{"name":"Lead"}]}</script>"#,
    ] {
        assert_eq!(labels(&format!("{TEXT}{long}{tags}")), ["Water", "Lead"], "{tags}");
    }
}

#[test]
fn the_first_publication_is_told_from_a_change_in_the_next_line() {
    let html =
        "<html lang=tr><h1>Su</h1><span>Yayınlanma: 20.11.2026 - 10:15</span><span>Güncelleme: 21.11.2026</span>";
    assert_eq!(published(&format!("{html}{TEXT}")), "2026-11-20");
}
