//! Renders every distinct choice of topics of one issue, as the freeze does, and tells the time and the most memory that it took (`VmHWM`). The limits
//! for 500 choices of a 40-story issue are one second and 100 MB.
//!
//! cargo run --release --example renderings [CHOICES] [STORIES]

#[path = "../../tests/sample/mod.rs"]
mod sample;

use std::time::Instant;
use week_in_review::domain::issue::{Choice, Issue, Story};
use week_in_review::domain::newsletter::Section;
use week_in_review::domain::subscriber::Format;
use week_in_review::domain::tag::{Slug, Tag};
use week_in_review::domain::text::Language;
use week_in_review::publish::freeze::render;
use week_in_review::store::recipients::Wish;

const TOPICS: usize = 12;

fn topic(n: usize) -> String {
    format!("topic{n}")
}

/// An issue whose stories are spread over all topics, so that every choice has a result of its own.
fn issue(stories: usize) -> Issue {
    let section = |n| Section { cap: 6, ..sample::section(&topic(n), &topic(n), None) };
    let newsletter = sample::newsletter("en", "The Week", "The Meridian", (0..TOPICS).map(section).collect());
    let story = |n: usize, story: Story| Story { tags: Tag::parse(&topic(n % TOPICS)).into_iter().collect(), ..story };
    let whole = sample::repeated(stories).issue;
    let stories = whole.stories.into_iter().enumerate().map(|(n, one)| story(n, one)).collect();
    Issue { newsletter, stories, ..whole }
}

fn wishes(count: usize) -> Vec<Wish> {
    let slugs = |bits: usize| (0..TOPICS).filter(move |n| bits >> n & 1 == 1).map(topic);
    let choice = |bits: usize| Choice::Topics(slugs(bits).filter_map(|slug| Slug::parse(&slug).ok()).collect());
    let wish = |choice: Choice| Wish {
        choice_key: choice.key(),
        choice,
        language: Language::english(),
        format: Format::Html,
        readers: 1,
    };
    (1..=count).map(|n| wish(choice(n * 8 % ((1 << TOPICS) - 1) + 1))).collect()
}

/// The most memory that this process had resident, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}

fn main() {
    let argument = |at: usize, default| std::env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (issue, wishes) = (issue(argument(2, 40)), wishes(argument(1, 500)));
    let asked = wishes.len();
    let began = Instant::now();
    let rendered = render(&issue, wishes);
    let took = began.elapsed();
    let bytes: usize = rendered.variants.iter().map(|variant| variant.html.len() + variant.text.len()).sum();
    println!(
        "{asked} choices, {} renderings of {} stories, {:.1} MB in all: {:.2} s, {:.0} MB at most",
        rendered.variants.len(),
        issue.stories.len(),
        bytes as f64 / 1e6,
        took.as_secs_f64(),
        peak()
    );
}
