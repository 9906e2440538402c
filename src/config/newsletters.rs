//! `[[newsletters]]` and `[defaults]`: what goes out, when, from whom, with which sections.

use super::reader::Table;
use super::values::{
    address, archive, choice, host, label, language, line, mail_domain, schedule, slug, switch, whole, whole_units,
    words, zone,
};
use crate::domain::newsletter::{Heir, LinkParameters, Look, Newsletter, Policy, Publication, Review, Section, Sender};
use crate::domain::returns::ReturnMailbox;
use crate::domain::tag::{Slug, Tag, TagAliases};
use crate::templates::texts::Texts;

/// First parts of web addresses that are not newsletters: those of `ARCHITECTURE.md`, and some kept free. No newsletter may be called so.
pub const RESERVED_SLUGS: [&str; 35] = [
    "about",
    "api",
    "archive",
    "assets",
    "authors",
    "c",
    "columns",
    "confirm",
    "desk",
    "events",
    "favicon",
    "feed",
    "feeds",
    "health",
    "help",
    "hooks",
    "link",
    "login",
    "logout",
    "me",
    "media",
    "metrics",
    "p",
    "preferences",
    "preview",
    "robots",
    "search",
    "site",
    "sitemap",
    "static",
    "subscribe",
    "tags",
    "topics",
    "u",
    "unsubscribe",
];

/// What every newsletter shares.
pub(super) struct House<'a> {
    pub(super) publication: Option<&'a Publication>,
    pub(super) tags: &'a TagAliases,
    pub(super) web_base: Option<&'a str>,
    pub(super) sources: &'a [Slug],
    pub(super) returns: Option<&'a ReturnMailbox>,
}

/// Reads all newsletters and compares them with each other.
pub(super) fn read(tables: &[Table<'_>], house: &House<'_>) -> Vec<Newsletter> {
    let newsletters = tables.iter().map(|table| newsletter(table, house)).collect();
    // By what was written, so that a newsletter with another problem is compared too.
    let slugs: Vec<Option<Slug>> = tables.iter().map(|table| table.peek("slug", slug)).collect();
    for (at, slug) in slugs.iter().enumerate().filter_map(|(at, slug)| Some((at, slug.as_ref()?))) {
        if let Some(before) = slugs[..at].iter().position(|earlier| earlier.as_ref() == Some(slug)) {
            let there = tables[before].place("slug").reference();
            tables[at].problem("slug", format!("\"{slug}\" is the slug of another newsletter ({there})"));
        }
    }
    Vec::into_iter(newsletters).flatten().collect()
}

fn newsletter(table: &Table<'_>, house: &House<'_>) -> Option<Newsletter> {
    let slug = table.required("slug", "\"week\"", slug);
    if let Some(slug) = slug.as_ref().filter(|slug| RESERVED_SLUGS.contains(&slug.as_str())) {
        table.problem("slug", format!("\"{slug}\" is the name of a page of the web service; choose another"));
    }
    let title = table.required("title", "\"The Week in Review\"", words);
    let schedule = table.required("schedule", "\"0 17 * * FRI\"", schedule);
    let zone = table.inherited("zone", "\"UTC\"", zone);
    let language = table.inherited("language", "\"en\"", language);
    if Texts::find(&language).is_none() {
        let known: Vec<_> = Texts::languages().collect();
        table.warn("language", format!("the fixed texts exist in {} only; English ones are used", known.join(", ")));
    }
    let tags = tags(table, house.tags);
    let tagline = table.or("tagline", "\"\"", line);
    let first_number = table.or("first_number", "1", whole(1..=999_999));
    let sender = sender(table, slug.as_ref(), house);
    let brand = super::brand::read(table, tagline, house);
    let cutoff_minutes = table.inherited("cut_off", "\"30m\"", whole_units('m', "0m", "7d"));
    let minimum = table.inherited("minimum", "3", whole(1..=1_000));
    let max_age_days = table.inherited("max_age", "\"14d\"", whole_units('d', "1d", "366d"));
    let max_lateness_hours = table.inherited("max_lateness", "\"6h\"", whole_units('h', "1h", "7d"));
    let archive = table.inherited("archive", "\"public\"", archive);
    let events = table.inherited("events", "5", whole(0..=50));
    let subject = table.inherited("subject", "\"{title}: {lead}\"", subject);
    let test_addresses = table.inherited_list("test_addresses", address);
    let publication = house.publication.cloned().map(|publication| publication_of(table, publication));
    let sections = sections(table, house.tags, house.sources);
    let policy = policy(table, &sections);
    table.done();
    Some(Newsletter {
        slug: slug?,
        title: title?,
        publication: publication?,
        schedule: schedule?,
        zone,
        language,
        cutoff_minutes,
        tags,
        sections,
        minimum,
        max_age_days,
        max_lateness_hours,
        first_number,
        test_addresses: test_addresses.iter().map(|address| address.as_str().to_owned()).collect(),
        sender: sender?,
        brand: brand?,
        events,
        archive,
        subject,
        policy,
    })
}

/// Who publishes this newsletter: the house, perhaps from another postal address.
fn publication_of(table: &Table<'_>, house: Publication) -> Publication {
    let postal_address = table.optional("postal_address", words).unwrap_or_else(|| house.postal_address.clone());
    Publication { postal_address, ..house }
}

/// Articles carry folded tags, so a newsletter or section that names an alias means the tag it folds into.
fn tags(table: &Table<'_>, aliases: &TagAliases) -> Vec<Tag> {
    let labels = table.list("tags", label);
    let tags = aliases.fold(labels.iter().map(String::as_str));
    if tags.is_empty() && !labels.is_empty() {
        table.problem("tags", "all of these are ignored by [tags]; no story could ever match");
    }
    tags
}

/// The places that subject and preheader know.
const SUBJECT_PLACES: [&str; 5] = ["lead", "title", "number", "date", "count"];

/// A line with places that are replaced.
pub(super) fn template(node: &super::document::Node) -> Result<String, String> {
    let line = line(node)?;
    for place in line.as_str().split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default()) {
        if !SUBJECT_PLACES.contains(&place) {
            let known = SUBJECT_PLACES.map(|known| format!("{{{known}}}")).join(", ");
            return Err(format!("{{{place}}} is replaced by nothing; use {known}"));
        }
    }
    Ok(line.as_str().to_owned())
}

/// A subject says something.
fn subject(node: &super::document::Node) -> Result<String, String> {
    words(node)?;
    template(node)
}

fn sender(table: &Table<'_>, slug: Option<&Slug>, house: &House<'_>) -> Option<Sender> {
    let from_name = table.inherited_optional("from_name", words);
    let from = table.inherited_optional("from_address", address);
    if !table.has_somewhere("from_address") {
        table.problem(
            "from_address",
            "missing; set it here or in [defaults], such as from_address = \"week@example.org\"",
        );
    }
    let reply_to = table.inherited_optional("reply_to", address);
    let bounce = table.inherited_optional("bounce_address", address);
    let list_id = table.optional("list_id", mail_domain);
    let from = from?;
    Some(Sender {
        from_name: from_name.or_else(|| Some(house.publication?.name.clone()))?,
        // RFC 2919, section 3: a name below a domain of the list's owner.
        list_id: list_id.or_else(|| Some(format!("{}.{}", slug?, from.domain())))?,
        from_address: from.as_str().to_owned(),
        reply_to: reply_to.map(|address| address.as_str().to_owned()),
        bounce_address: bounce.map(|address| address.as_str().to_owned()),
        returns: house.returns.cloned(),
    })
}

fn policy(table: &Table<'_>, sections: &[Section]) -> Policy {
    Policy {
        review: table.inherited("review", "\"auto\"", choice([("auto", Review::Auto), ("approve", Review::Approve)])),
        heirs: heirs(table, sections),
        more_from_us: table.inherited("more_from_us", "true", switch),
        next_for_you: table.inherited("next_for_you", "true", switch),
        most_read: table.inherited("most_read", "5", whole(0..=20)),
        link_parameters: link_parameters(table),
        max_variants: table.inherited("max_variants", "1000", whole(1..=1_000_000)),
        deliver_within_hours: table.inherited("deliver_within", "\"24h\"", whole_units('h', "1h", "7d")),
    }
}

/// Topics that are gone, each with the section that its readers go to, or `everything`.
fn heirs(table: &Table<'_>, sections: &[Section]) -> Vec<(Slug, Heir)> {
    let known = |slug: &Slug| sections.iter().any(|section| section.slug == *slug);
    let inner = table.table("heirs");
    let heirs = inner.named(|node| match slug(node)? {
        slug if slug.as_str() == "everything" && !known(&slug) => Ok(Heir::Everything),
        slug if known(&slug) => Ok(Heir::Section(slug)),
        slug => Err(format!("\"{slug}\" is no section of this newsletter; name one, or \"everything\"")),
    });
    let mut read = Vec::new();
    for (gone, heir) in heirs {
        match Slug::parse(&gone) {
            Ok(gone) if known(&gone) => {
                inner.problem(gone.as_str(), "is a section still; only what is gone has an heir");
            }
            Ok(gone) => read.push((gone, heir)),
            Err(error) => inner.problem(&gone, error.to_string()),
        }
    }
    read
}

fn link_parameters(table: &Table<'_>) -> LinkParameters {
    let inner = table.table("link_parameters");
    let hosts = inner.list("hosts", host);
    let parameters = inner.table("add").named(|node| words(node).map(|words| words.as_str().to_owned()));
    inner.done();
    if hosts.is_empty() && !parameters.is_empty() {
        inner.problem("hosts", "missing; only links to hosts that are named get parameters");
    }
    LinkParameters { hosts, parameters }
}

fn sections(table: &Table<'_>, aliases: &TagAliases, sources: &[Slug]) -> Vec<Section> {
    let tables = table.tables("sections");
    if tables.is_empty() && !table.has("sections") {
        table.problem("sections", "missing; a newsletter has at least one section, such as one with rest = true");
    }
    let mut sections: Vec<Section> = Vec::new();
    let mut rest: Option<String> = None;
    for section_table in &tables {
        let Some(section) = section(section_table, aliases, sources) else { continue };
        if sections.iter().any(|earlier| earlier.slug == section.slug) {
            let sentence = format!("\"{}\" is the slug of another section of this newsletter", section.slug);
            section_table.problem("slug", sentence);
        }
        if section.rest {
            let there = section_table.place("rest").reference();
            if let Some(other) = rest.replace(there) {
                section_table.problem("rest", format!("another section ({other}) gathers the rest already"));
            }
        }
        sections.push(section);
    }
    sections
}

fn section(table: &Table<'_>, aliases: &TagAliases, known: &[Slug]) -> Option<Section> {
    let slug = table.required("slug", "\"lobbying\"", slug);
    let title = table.required("title", "\"Lobbying\"", words);
    let tags = tags(table, aliases);
    let language = table.optional("language", language);
    let sources = table.list("sources", |node| {
        let slug = super::values::slug(node)?;
        if known.contains(&slug) { Ok(slug) } else { Err(format!("no source has the id \"{slug}\"")) }
    });
    let rest = table.or("rest", "false", switch);
    let cap = table.or("cap", "6", whole(1..=200));
    let minimum = table.or("minimum", "0", whole(0..=200));
    let look =
        table.or("look", "\"rail\"", choice([("rail", Look::Rail), ("list", Look::List), ("brief", Look::Brief)]));
    let intro = table.or("intro", "\"\"", line);
    table.done();
    let says_what =
        ["tags", "sources", "language"].iter().any(|key| table.has(key)) || rest || table.unsound("rest", switch);
    if !says_what {
        table.problem(
            "tags",
            "missing; a section gathers by tags, by sources, by language, or with rest = true whatever fits no other",
        );
    }
    Some(Section { slug: slug?, title: title?, tags, sources, language, rest, cap, minimum, look, intro })
}
