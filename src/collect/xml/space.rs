//! The vocabularies that feeds are written in, by namespace or by the usual prefix.

/// The vocabulary an element belongs to, by its namespace or, undeclared, by its usual prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// No prefix, or one that stands for RSS or Atom itself.
    Plain,
    /// Atom inside another vocabulary.
    Atom,
    /// Dublin Core, elements and terms.
    Dc,
    /// `content:encoded`.
    Content,
    /// Media RSS.
    Media,
    /// Podcasts.
    Itunes,
    /// RDF.
    Rdf,
    /// XHTML.
    Xhtml,
    /// Anything else.
    Other,
}

impl Space {
    /// The vocabulary of a namespace.
    pub fn of_uri(uri: &str) -> Self {
        let uri = uri.trim().trim_end_matches(['/', '#']).to_ascii_lowercase();
        let uri = uri.trim_start_matches("https:").trim_start_matches("http:");
        match uri {
            "//www.w3.org/2005/atom" | "//purl.org/atom/ns" => Self::Atom,
            "//purl.org/rss/1.0"
            | "//my.netscape.com/rdf/simple/0.9"
            | "//channel.netscape.com/rdf/simple/0.9"
            | "//backend.userland.com/rss2"
            | "//blogs.law.harvard.edu/tech/rss"
            | "//purl.org/net/rss1.1" => Self::Plain,
            "//purl.org/dc/elements/1.1" | "//purl.org/dc/elements/1.0" | "//purl.org/dc/terms" => Self::Dc,
            "//purl.org/rss/1.0/modules/content" => Self::Content,
            "//search.yahoo.com/mrss" | "//video.search.yahoo.com/mrss" => Self::Media,
            "//www.itunes.com/dtds/podcast-1.0.dtd" => Self::Itunes,
            "//www.w3.org/1999/02/22-rdf-syntax-ns" => Self::Rdf,
            "//www.w3.org/1999/xhtml" => Self::Xhtml,
            _ => Self::Other,
        }
    }

    /// The vocabulary that a prefix usually stands for.
    pub fn of_prefix(prefix: &str) -> Self {
        match prefix.to_ascii_lowercase().as_str() {
            "atom" | "atom10" | "a10" => Self::Atom,
            "rss" => Self::Plain,
            "dc" | "dcterms" => Self::Dc,
            "content" => Self::Content,
            "media" => Self::Media,
            "itunes" | "googleplay" => Self::Itunes,
            "rdf" => Self::Rdf,
            "xhtml" => Self::Xhtml,
            _ => Self::Other,
        }
    }
}
