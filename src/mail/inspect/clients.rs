//! Whether the programs that readers use understand a mail's inline styles. Knows what caniemail.com lists (its data of May 2026) for the newest
//! Gmail, Outlook for Windows, Apple Mail and Yahoo; judges nothing else.

/// Properties that our own templates use. The big programs understand them, or lose nothing that a reader needs: where Outlook for Windows ignores
/// `max-width` or `min-width`, a table of its own holds the column; `overflow` and `max-height` only help to hide the preheader.
const OURS: &[&str] = &[
    "-webkit-text-size-adjust",
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-left",
    "border-right",
    "border-top",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-width",
    "overflow",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-size-adjust",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "white-space",
    "width",
];

/// What a mail loses its layout or its content by, and where.
const GAPS: &[(&str, &str)] = &[
    ("align-items", "Gmail, Outlook, Yahoo"),
    ("animation", "Gmail, Outlook, Yahoo"),
    ("aspect-ratio", "Gmail, Outlook, Yahoo"),
    ("background-image", "Outlook"),
    ("border-radius", "Outlook"),
    ("box-shadow", "Gmail, Outlook, Yahoo"),
    ("box-sizing", "Outlook, Yahoo"),
    ("column-count", "Outlook, Yahoo"),
    ("cursor", "Gmail, Apple Mail"),
    ("filter", "Gmail, Outlook, Yahoo"),
    ("flex-direction", "Gmail, Outlook, Yahoo"),
    ("float", "Outlook"),
    ("gap", "Outlook, Yahoo"),
    ("grid-template-columns", "Gmail, Outlook, Yahoo"),
    ("inset", "Gmail, Outlook, Yahoo"),
    ("justify-content", "Gmail, Outlook, Yahoo"),
    ("left", "Gmail, Outlook, Yahoo"),
    ("min-height", "Outlook"),
    ("object-fit", "Outlook, Yahoo"),
    ("opacity", "Outlook"),
    ("position", "Gmail, Outlook"),
    ("right", "Gmail, Outlook, Yahoo"),
    ("text-shadow", "Gmail, Outlook"),
    ("top", "Gmail, Outlook, Yahoo"),
    ("transform", "Gmail, Outlook, Yahoo"),
    ("visibility", "Gmail, Outlook"),
    ("z-index", "Gmail, Outlook"),
];

/// Values that are not understood although their property is.
const VALUES: &[(&str, &str, &str)] = &[
    ("display", "flex", "Outlook"),
    ("display", "grid", "Outlook"),
    ("", "calc(", "Outlook, Yahoo"),
    ("", "clamp(", "Outlook, Yahoo"),
    ("", "var(", "Gmail, Outlook, Yahoo"),
    ("", "url(", "Outlook"),
    ("", "rgba(", "Outlook"),
];

/// The declarations of a style attribute: name in lower case, and value.
pub(super) fn declarations(style: &str) -> impl Iterator<Item = (String, &str)> {
    style.split(';').filter_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        Some((name.trim().to_ascii_lowercase(), value.trim()))
    })
}

/// What some program does not understand about a style attribute, and which.
pub(super) fn gaps(style: &str) -> Vec<String> {
    declarations(style).filter_map(|(name, value)| gap(&name, value)).collect()
}

fn gap(name: &str, value: &str) -> Option<String> {
    // Word reads these, and nobody else does.
    if name.starts_with("mso-") {
        return None;
    }
    let value = value.to_ascii_lowercase();
    let odd =
        |(property, odd, _): &&(&str, &str, &str)| (property.is_empty() || *property == name) && value.contains(odd);
    if let Some((_, odd, programs)) = VALUES.iter().find(odd) {
        return Some(format!("{name}: {} is not understood by {programs}", odd.trim_end_matches('(')));
    }
    if OURS.contains(&name) {
        return None;
    }
    Some(match GAPS.iter().find(|(property, _)| *property == name) {
        Some((_, programs)) => format!("{name} is not understood by {programs}"),
        None => format!("{name} is not known to be understood by the big mail programs"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_some_program_ignores_is_named_with_the_program() {
        assert_eq!(gaps("margin:0 auto;mso-hide:all; color:#1b1815"), Vec::<String>::new());
        assert_eq!(gaps("position:absolute"), ["position is not understood by Gmail, Outlook"]);
        assert_eq!(gaps("display: flex"), ["display: flex is not understood by Outlook"]);
        assert_eq!(gaps("width:calc(100% - 4px)"), ["width: calc is not understood by Outlook, Yahoo"]);
        assert_eq!(gaps("hyphens:auto")[0], "hyphens is not known to be understood by the big mail programs");
    }
}
