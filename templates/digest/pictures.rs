//! Pictures in the digest: where they come from and how large they are shown.

use super::sheet::Sheet;
use crate::domain::article::{Picture, Size};
use crate::domain::issue::Story;
use crate::domain::newsletter::Newsletter;
use crate::domain::text::Line;
use crate::templates::texts::Texts;
use crate::templates::{Home, Pictures, tokens};
use maud::{Markup, html};

/// The content id of a picture inside the mail, without angle brackets (RFC 2392); the HTML shows it as `cid:…`.
pub fn content_id(newsletter: &Newsletter, picture: &Size) -> String {
    let domain = newsletter.sender.from_address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("{}@{domain}", picture.sha256.get(..32).unwrap_or(&picture.sha256))
}

/// The picture of a story, unless the brand shows none.
pub fn of<'s>(sheet: &Sheet<'_>, story: &'s Story) -> Option<&'s Picture> {
    story.picture.as_ref().filter(|picture| sheet.newsletter.brand.pictures && picture.width > 0 && picture.height > 0)
}

/// The size at which a picture is shown: at most so wide and so high, never larger than it is.
pub fn fit(picture: &Picture, width: u32, height: u32) -> (u32, u32) {
    let (own_width, own_height) = (f64::from(picture.width), f64::from(picture.height));
    let scale = (f64::from(width) / own_width).min(f64::from(height) / own_height).min(1.0);
    (((own_width * scale).round() as u32).max(1), ((own_height * scale).round() as u32).max(1))
}

/// How a picture sits in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// Across the sheet.
    Wide,
    /// Beside the words; on a phone above them and as wide.
    Beside,
}

/// An image of a story inside its link; a picture without a link would get a download button in Gmail.
pub fn linked(
    sheet: &Sheet<'_>,
    story: &Story,
    picture: &Picture,
    size: (u32, u32),
    seat: Seat,
    alt_style: &str,
) -> Markup {
    let (width, height) = size;
    let (ground, ink) = (tokens::GROUND, tokens::INK);
    let fluid = match seat {
        Seat::Wide => format!("width:100%;max-width:{width}px"),
        Seat::Beside => format!("width:{width}px;max-width:100%"),
    };
    let style = format!("display:block;{fluid};height:auto;border:0;background-color:{ground};color:{ink};{alt_style}");
    let alt = if picture.alt.is_empty() { &story.title } else { &picture.alt };
    let class = (seat == Seat::Beside).then_some("img");
    let image = html! {
        img class=[class] src=(source(sheet, picture, seat)) width=(width) height=(height) alt=(alt) style=(style);
    };
    match &story.url {
        Some(url) => html! { a href=(url) style=(sheet.paint.ink) { (image) } },
        None => image,
    }
}

/// Whose picture it is, and under what licence. A credit that says what it is (`Photo: Ada Ray`) or is a copyright notice stands as it came.
pub fn credit(picture: &Picture, texts: &Texts) -> Option<String> {
    let said = |line: &Option<Line>| line.as_ref().filter(|line| !line.is_empty()).map(|line| line.as_str().to_owned());
    let credit = said(&picture.credit).map(|credit| {
        let speaks = credit.contains([':', '©']) || credit.to_lowercase().starts_with("photo");
        if speaks { credit } else { texts.say_of("picture", "name", &credit) }
    });
    // A notice that names the maker needs no second name beside it.
    let licence =
        said(&picture.licence).filter(|licence| credit.as_ref().is_none_or(|credit| !credit.contains(licence)));
    match (credit, licence) {
        (Some(credit), Some(licence)) => Some(format!("{credit}{}{licence}", texts.say("list-comma"))),
        (credit, licence) => credit.or(licence),
    }
}

/// Where the picture is shown from. One that may not be copied comes from where it lies, in every home.
fn source(sheet: &Sheet<'_>, picture: &Picture, seat: Seat) -> String {
    if let Some(link) = &picture.link {
        return link.to_string();
    }
    let size = picture.small.clone().filter(|_| seat == Seat::Beside).unwrap_or_else(|| picture.wide());
    match sheet.home {
        Home::Mail { pictures: Pictures::Embedded } => format!("cid:{}", content_id(sheet.newsletter, &size)),
        Home::Mail { pictures: Pictures::Linked } | Home::Web => sheet.newsletter.media_url(&size),
    }
}
