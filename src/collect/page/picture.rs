//! The lead picture of an article: where it lies, what it shows, who made it and under which licence it may be shown, how large it is.

use super::frame::{all, is_beside, text_of};
use super::json_ld::Described;
use super::meta::{Metas, resolve};
use crate::collect::clean::is_counter;
use crate::domain::article::PictureLink;
use crate::domain::text::Line;
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// Pictures smaller than this in either direction are decoration.
const SMALLEST: u32 = 100;

/// The picture that a page declares, else the first of its article, with what stands beside it.
pub fn lead(document: &Html, metas: &Metas, described: &Described, base: Option<&Url>) -> Option<PictureLink> {
    let declared = declared(metas, described, base);
    let shown = declared.as_ref().map_or_else(|| first_shown(document, base), |link| shown_as(document, &link.url));
    let mut link = declared.or_else(|| {
        let source = source_of(shown?)?;
        Some(PictureLink::new(resolve(&source, base)?))
    })?;
    if let Some(image) = shown {
        let filled = |line: Line| Some(line).filter(|line| !line.is_empty());
        let caption = figure_of(image).and_then(|figure| inside(figure, "figcaption, [class*=caption i]")).map(text_of);
        let marked = figure_of(image).and_then(|figure| {
            inside(figure, "[class*=credit i], [itemprop~=copyrightHolder], [class*=photographer i]")
        });
        let credit = marked.map(text_of).and_then(filled).map(|line| without_mark(&line));
        if link.alt.is_empty() {
            link.alt =
                image.attr("alt").map(Line::clean).and_then(filled).or_else(|| caption.clone()).unwrap_or_default();
        }
        link.credit = link.credit.or(credit).or_else(|| caption.as_ref().and_then(credit_in));
        link.licence = link.licence.or_else(|| {
            let licence = figure_of(image).and_then(|figure| inside(figure, "a[rel~=license]"))?;
            filled(text_of(licence)).or_else(|| licence.attr("href").map(Line::clean))
        });
        link.size = link.size.or_else(|| side(image, "width").zip(side(image, "height")));
    }
    Some(link)
}

/// What JSON-LD and meta elements name. A site's logo that stands in for a picture is none.
fn declared(metas: &Metas, described: &Described, base: Option<&Url>) -> Option<PictureLink> {
    const KEYS: [&str; 8] = [
        "og:image:secure_url",
        "og:image",
        "og:image:url",
        "twitter:image",
        "twitter:image:src",
        "sailthru.image.full",
        "parsely-image-url",
        "image",
    ];
    let written = KEYS.iter().flat_map(|key| metas.every(key)).cloned();
    let from_ld = described.image.clone();
    let sources = written.chain(from_ld.iter().map(|image| image.url.clone()));
    let url = sources.filter(|source| !is_stand_in(source)).find_map(|source| resolve(&source, base))?;
    let number = |key: &str| metas.first(&[key]).and_then(|text| text.trim().parse::<u32>().ok()).filter(|n| *n > 0);
    let same = |image: &&super::json_ld::DescribedImage| from_ld.is_some() && resolve(&image.url, base).is_some();
    let image = from_ld.as_ref().filter(same);
    Some(PictureLink {
        alt: metas.line(&["og:image:alt", "twitter:image:alt"]).or_else(|| image?.caption.clone()).unwrap_or_default(),
        credit: image.and_then(|image| image.credit.clone()),
        licence: image.and_then(|image| image.licence.clone()),
        size: number("og:image:width").zip(number("og:image:height")).or_else(|| image?.size),
        ..PictureLink::new(url)
    })
}

/// Pictures that sites give when an article has none.
fn is_stand_in(source: &str) -> bool {
    let name =
        source.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    ["logo", "placeholder", "favicon", "blank", "default"].iter().any(|word| words.contains(word)) || is_counter(source)
}

/// Where a picture that is loaded late really lies.
fn source_of(image: ElementRef<'_>) -> Option<String> {
    let real = |source: &&str| !source.trim().is_empty() && !source.trim_start().starts_with("data:");
    ["data-src", "data-original", "data-lazy-src", "src"]
        .iter()
        .find_map(|key| image.attr(key).filter(real))
        .map(str::to_owned)
        .or_else(|| {
            let set = image.attr("srcset").or_else(|| image.attr("data-srcset"))?;
            set.split(',').next_back()?.split_whitespace().next().map(str::to_owned)
        })
}

fn side(image: ElementRef<'_>, name: &str) -> Option<u32> {
    image.attr(name)?.trim().trim_end_matches("px").parse().ok().filter(|n| *n > 0)
}

/// The first picture of the article that is neither tiny nor a counter nor somebody's portrait.
fn first_shown<'d>(document: &'d Html, base: Option<&Url>) -> Option<ElementRef<'d>> {
    let places = [
        "article figure img",
        "article img, main img, [itemprop~=articleBody] img, [class*=article i] img, [class*=content i] img",
    ];
    let large = |image: &ElementRef<'_>| {
        ["width", "height"].iter().all(|name| side(*image, name).is_none_or(|n| n >= SMALLEST))
    };
    let portrait =
        |image: &ElementRef<'_>| super::frame::is_called(*image, &["avatar", "logo", "icon", "author", "emoji"]);
    places.iter().flat_map(|place| all(document, place)).find(|image| {
        let source = source_of(*image).and_then(|source| resolve(&source, base));
        large(image) && !portrait(image) && !is_beside(*image) && source.is_some_and(|url| !is_stand_in(url.as_str()))
    })
}

/// The element that shows a picture, known by the name of its file: sizes of it lie in other folders or carry other parameters.
fn shown_as<'d>(document: &'d Html, url: &Url) -> Option<ElementRef<'d>> {
    let stem = |address: &str| {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or(name, |(name, _)| name).to_owned()
    };
    let wanted = stem(url.as_str());
    // Short names such as "1" are too common to tell pictures apart.
    (wanted.len() >= 4).then_some(())?;
    all(document, "img").find(|image| {
        source_of(*image).is_some_and(|source| {
            let found = stem(&source);
            found == wanted
                || (found.len() >= 8 && wanted.starts_with(&found))
                || (wanted.len() >= 8 && found.starts_with(&wanted))
        })
    })
}

fn figure_of(image: ElementRef<'_>) -> Option<ElementRef<'_>> {
    image.ancestors().filter_map(ElementRef::wrap).take(5).find(|element| {
        element.value().name() == "figure" || super::frame::is_called(*element, &["caption", "figure", "wp-caption"])
    })
}

fn inside<'d>(element: ElementRef<'d>, selector: &str) -> Option<ElementRef<'d>> {
    element.select(&Selector::parse(selector).ok()?).next()
}

const MARKS: [&str; 22] = [
    "photograph by",
    "photograph:",
    "photo by",
    "photos by",
    "photo credit:",
    "photo:",
    "picture by",
    "picture:",
    "image credit:",
    "image by",
    "image:",
    "credit:",
    "credits:",
    "illustration by",
    "illustration:",
    "foto:",
    "bild:",
    "crédit photo :",
    "crédit :",
    "عکس:",
    "تصویر:",
    "©",
];

fn without_mark(line: &Line) -> Line {
    let text = line.as_str().trim_matches(['(', ')', '[', ']', ' ']);
    // Lower-casing keeps the length of all these marks.
    let mark = MARKS.iter().find(|mark| text.get(..mark.len()).is_some_and(|start| start.to_lowercase() == **mark));
    Line::clean(mark.map_or(text, |mark| text[mark.len()..].trim_start_matches([' ', ':'])))
}

/// The credit in a caption: what follows "Photo:" or the like, or brackets at its end that name an agency.
pub fn credit_in(caption: &Line) -> Option<Line> {
    const AGENCIES: [&str; 9] = ["getty", "reuters", "afp", "ap photo", "ap/", "/ap", "epa", "dpa", "shutterstock"];
    let text = caption.as_str();
    let marked = MARKS.iter().filter_map(|mark| {
        let at = text
            .char_indices()
            .map(|(at, _)| at)
            .find(|at| text.get(*at..at + mark.len()).is_some_and(|part| part.to_lowercase() == **mark))?;
        let apart = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        apart.then_some((at, mark.len()))
    });
    if let Some((at, length)) = marked.min() {
        let rest = text[at + length..].trim_start_matches([' ', ':']);
        let rest = rest.split(". ").next().unwrap_or(rest).trim_end_matches(['.', ')', ']', ' ']);
        return Some(Line::clean_to(rest, 120)).filter(|line| !line.is_empty());
    }
    let (_, inner) = text.trim_end_matches('.').strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
    let lower = inner.to_lowercase();
    AGENCIES.iter().any(|agency| lower.contains(agency)).then(|| Line::clean_to(inner, 120))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credit_is_found_in_a_caption() {
        let credit = |text: &str| credit_in(&Line::clean(text)).map(|line| line.as_str().to_owned());
        assert_eq!(credit("The hall on Friday. Photo: Cy Orr"), Some("Cy Orr".into()));
        assert_eq!(credit("The hall on Friday (AP Photo/Cy Orr)"), Some("AP Photo/Cy Orr".into()));
        assert_eq!(credit("© Cy Orr. All of it."), Some("Cy Orr".into()));
        assert_eq!(credit("The hall (rebuilt in 1951)"), None);
        assert_eq!(credit("A telephoto: lens"), None);
    }
}
