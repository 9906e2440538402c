//! What grows with the week, at three sizes: reading a feed, composing stories, cutting an issue for every choice of topics. The limit for composing
//! 1,000 stories is 20 ms. Rendering is in render.rs, what grows with the list in ledger.rs and mail.rs.

#[path = "../tests/sample/mod.rs"]
mod sample;

use chrono::TimeDelta;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sample::{at, language, line};
use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use week_in_review::collect::feed;
use week_in_review::domain::article::{Article, ArticleId, ArticleText};
use week_in_review::domain::hand::Hand;
use week_in_review::domain::issue::{Choice, Issue, Story};
use week_in_review::domain::newsletter::{Newsletter, Section};
use week_in_review::domain::tag::{Slug, Tag, TagAliases};
use week_in_review::domain::window::Window;
use week_in_review::publish::arrange::cut;
use week_in_review::publish::compose::{Considering, Desk, Edition, assemble, rank};

/// Topics of the newsletter. 500 choices among them are distinct.
const TOPICS: usize = 12;

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("letters and digits make a slug")
}

fn topic(n: usize) -> String {
    format!("topic{n}")
}

fn newsletter() -> Newsletter {
    let section = |n| Section { cap: 6, ..sample::section(&topic(n), &topic(n), None) };
    let mut sections: Vec<Section> = (0..TOPICS).map(section).collect();
    sections.push(Section { rest: true, ..sample::section("more", "More", None) });
    sample::newsletter("en", "The Week", "The Meridian", sections)
}

fn window() -> Window {
    Window::new(at("2026-11-13T17:00:00Z"), at("2026-11-20T17:00:00Z")).expect("a week has a begin and an end")
}

fn title(n: usize) -> String {
    format!("The council and the harbour, part {n}: what was said and what was meant")
}

const SUMMARY: &str = "The board met on Monday and heard what the ferries cost; nobody who was there could say what would come of it, \
    but all agreed that the tariff would rise again before the winter was over.";

fn article(n: usize) -> Article {
    let seen = window().from() + TimeDelta::minutes(n as i64 % 10_000);
    Article {
        id: ArticleId(n as i64),
        url: format!("https://meridian.example/2026/11/story-{n}").parse().ok(),
        eligible_at: seen,
        first_seen_at: seen,
        published_at: Some(seen),
        source: slug(&format!("source{}", n % 7)),
        also_at: Vec::new(),
        picture: None,
        text: ArticleText {
            title: line(&title(n)),
            summary: line(SUMMARY),
            labels: [n * 7 % 17, n % TOPICS].map(|topic_of| line(&topic(topic_of))).to_vec(),
            language: Some(language("en")),
            words: 600,
            ..ArticleText::default()
        },
    }
}

fn story(n: usize) -> Story {
    let tags = [n * 7 % 17, n % TOPICS].iter().filter_map(|of| Tag::parse(&topic(*of))).collect();
    Story { tags, ..sample::story(n as i64, &title(n), SUMMARY, "A. Writer", "News", 3, &topic(n % TOPICS)) }
}

fn issue(stories: usize) -> Issue {
    Issue { newsletter: newsletter(), stories: (0..stories).map(story).collect(), ..sample::repeated(1).issue }
}

fn composing(bench: &mut Criterion) {
    let (newsletter, aliases) = (newsletter(), TagAliases::default());
    let desk = Desk { sources: &[], aliases: &aliases, newsletters: &[], hands: &[], notices: &[] };
    let edition = Edition {
        newsletter: 1,
        number: 1,
        occurrence: sample::repeated(1).issue.occurrence,
        window: window(),
        as_of: window().to(),
        hand_as_of: window().to(),
        composing: None,
    };
    let mut group = bench.benchmark_group("compose");
    for stories in [100, 1_000, 5_000] {
        let articles: Vec<Article> = (0..stories).map(article).collect();
        group.throughput(Throughput::Elements(stories as u64));
        group.bench_function(BenchmarkId::new("rank, assemble and arrange", stories), |bencher| {
            bencher.iter_batched(
                || articles.clone(),
                |articles| {
                    let stories = rank(articles, &newsletter, desk, &Hand::default(), window());
                    let considering = Considering { newsletter: newsletter.clone(), hand: Hand::default(), stories };
                    let issue = assemble(considering, desk, edition, &BTreeMap::new());
                    cut(&issue, &Choice::Everything).story_count()
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Distinct choices: the topics whose bits are set.
fn choices(count: usize) -> Vec<Choice> {
    let chosen = |bits: usize| (0..TOPICS).filter(|n| bits >> n & 1 == 1).map(|n| slug(&topic(n))).collect();
    (1..=count).map(|bits| Choice::Topics(chosen(bits * 8 % ((1 << TOPICS) - 1) + 1))).collect()
}

fn cutting(bench: &mut Criterion) {
    let issue = issue(200);
    let mut group = bench.benchmark_group("cut 200 stories");
    for count in [5, 50, 500] {
        let choices = choices(count);
        let distinct: BTreeSet<String> = choices.iter().map(|choice| format!("{choice:?}")).collect();
        assert_eq!(distinct.len(), count, "every choice is another");
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("choices", count), |bencher| {
            bencher.iter(|| choices.iter().map(|choice| cut(&issue, black_box(choice)).story_count()).sum::<usize>());
        });
    }
    group.finish();
}

fn rss(items: usize) -> Vec<u8> {
    let item = |n: usize| {
        format!(
            "<item><title>{}</title><link>https://meridian.example/2026/11/story-{n}</link><guid>story-{n}</guid>\
             <pubDate>Wed, 18 Nov 2026 09:{:02}:00 GMT</pubDate><category>{}</category>\
             <description><![CDATA[<p>{SUMMARY}</p><p>{SUMMARY}</p>]]></description></item>\n",
            title(n),
            n % 60,
            topic(n % TOPICS)
        )
    };
    let items: String = (0..items).map(item).collect();
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>News</title>{items}</channel></rss>")
        .into_bytes()
}

fn reading(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("read a feed");
    for items in [20, 200, 2_000] {
        let bytes = rss(items);
        assert_eq!(feed::read(&bytes, None, None).map(|feed| feed.items.len()).ok(), Some(items));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new("items", items), |bencher| {
            bencher.iter(|| feed::read(black_box(&bytes), None, None).map(|feed| feed.items.len()));
        });
    }
    group.finish();
}

criterion_group!(benches, reading, composing, cutting);
criterion_main!(benches);
