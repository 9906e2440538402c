//! Pages saved as text, invented for these tests.

use super::*;

fn strings(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(Line::as_str).collect()
}

const FULL: &str = "Harbour Watch

Port Authority Weighs Night Curfew, Unions Split

Article Summary
The port of Lindmouth may close its cranes at night for the first time since 1951, and its two unions cannot agree on what to ask for in return, writes Oda Marie Lindqvist.

On Tuesday the port authority published a draft that would stop all crane work between eleven at night and five in the morning, a measure that residents of the old quarter have demanded for two decades.

The draft names three reasons for the change, none of which the operators accept.

  1. Noise on the quays exceeds the limit on one night in four; and,
  2. The night shift loads fewer than a tenth of all containers.

Operators say that ships would simply go elsewhere. “A berth that sleeps is a berth that loses money,” their spokesman said.

Oda Marie Lindqvist is a freelance journalist and has covered ports for twenty years. She lives in Lindmouth. Write to her at

Continue reading this article by registering and get unlimited access to:

  • The Harbour Letter
  • Archived articles
Found in: ports, night curfew, unions, lindmouth

Oda Marie Lindqvist is a freelance journalist and has covered ports for twenty years. She is the author of “Cranes.” She lives in Lindmouth. Write to her at

Next for you

This website uses cookies and similar technologies. Detailed information can be found in our Privacy Policy. By using our site, you agree to these terms.";

#[test]
fn a_saved_page_becomes_one_article() {
    let page = read(FULL.as_bytes());
    assert_eq!(page.column.as_ref().unwrap().as_str(), "Harbour Watch");
    assert_eq!(page.title.as_str(), "Port Authority Weighs Night Curfew, Unions Split");
    assert!(
        page.summary.as_str().starts_with("The port of Lindmouth may close")
            && page.summary.as_str().ends_with("writes Oda Marie Lindqvist.")
    );
    assert_eq!(strings(&page.authors), ["Oda Marie Lindqvist"]);
    assert_eq!(strings(&page.labels), ["ports", "night curfew", "unions", "lindmouth"]);
    assert!(page.published.is_none() && page.paywalled);
    assert!(
        page.text.starts_with("On Tuesday the port authority") && page.text.ends_with("their spokesman said."),
        "{}",
        page.text
    );
    for gone in [
        "cookies",
        "registering",
        "Next for you",
        "freelance",
        "Archived",
        "Harbour Letter",
        "Article Summary",
        "Found in",
    ] {
        assert!(!page.text.contains(gone) && !page.content.as_str().contains(gone), "{gone}");
    }
    assert!(page.content.as_str().contains("<ol><li>Noise on the quays"));
}

#[test]
fn without_summary_the_byline_and_date_at_the_top_are_read() {
    let page = read(
        b"Skip to content\n\nThe Long Road to a Short Bridge\nBy Tom Okafor and Lena Brandt\nMarch 3, 2025\n\n\
        For eleven years the two villages of Upper and Lower Ashe have argued over a bridge of forty metres, and this week they stopped.\n\n\
        The council voted on Monday, and nobody spoke against it. The mayor, who had opposed it, was on holiday.\n\n\
        Tags: bridges; Ashe; councils\n\nRelated articles\n\nA Short Road to a Long Tunnel\n",
    );
    assert_eq!(page.title.as_str(), "The Long Road to a Short Bridge");
    assert_eq!(strings(&page.authors), ["Tom Okafor", "Lena Brandt"]);
    assert_eq!(page.published.unwrap().date_naive().to_string(), "2025-03-03");
    assert_eq!(strings(&page.labels), ["bridges", "Ashe", "councils"]);
    assert!(page.column.is_none() && !page.paywalled && page.summary.is_empty());
    assert!(
        page.text.ends_with("was on holiday.") && page.excerpt().as_str().starts_with("For eleven years"),
        "{}",
        page.text
    );
}

#[test]
fn without_author_nobody_is_invented() {
    let page = read(
        "Field Notes\r\n\r\nWhat the Rain Left Behind in the Orchards of Pell\r\n\r\nSummary: Two weeks of rain have cost the growers of Pell half of their cherries.\r\n\r\n\
        The rain began on a Thursday and did not stop for thirteen days, which nobody in Pell remembers having seen before.\r\n\r\n\
        Maria Pell is a grower whose family has worked the same slope for a century. She lost every second tree.\r\n\r\n\
        Filed under\r\nFarming\r\nWeather\r\n"
            .as_bytes(),
    );
    assert_eq!(
        (page.column.as_ref().unwrap().as_str(), page.title.as_str()),
        ("Field Notes", "What the Rain Left Behind in the Orchards of Pell")
    );
    assert!(page.authors.is_empty());
    assert!(page.text.contains("Maria Pell is a grower"));
    assert_eq!(strings(&page.labels), ["Farming", "Weather"]);
    assert!(page.summary.as_str().starts_with("Two weeks of rain"));
}

#[test]
fn a_text_of_one_sentence_or_none_is_no_trouble() {
    assert_eq!(read(b"Only a line").title.as_str(), "Only a line");
    assert!(read(b"").title.is_empty());
    assert!(read(b"We use cookies, see our privacy policy.").title.is_empty());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(By |Tags:|Summary|[A-Z][a-z]{1,6} |is a journalist\\.|\\n|\\n\\n|• |1\\. |, writes |\\PC){0,60}") {
        let _ = read_text(&text).excerpt();
    }
}
