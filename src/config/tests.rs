//! Bad configurations, each with the exact sentence that an operator reads.

use super::{Config, EXAMPLE, Environment, Via, Way};
use secrecy::ExposeSecret;
use std::path::Path;

/// The shortest configuration that works.
const LEAST: &str = r#"operators = ["ops@example.org"]
[publication]
name = "The Example Courier"
url = "https://www.example.org/"
postal_address = "1 Example Street, London"
privacy_url = "https://www.example.org/privacy"
contact = "editors@example.org"
[web]
base_url = "https://news.example.org/"
[[newsletters]]
slug = "week"
title = "The Week in Review"
schedule = "0 17 * * FRI"
from_address = "week@example.org"
[[newsletters.sections]]
slug = "more"
title = "More"
rest = true
"#;

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let environment: Environment = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Config::parse(Path::new("c.toml"), text, &environment).map_err(|error| error.to_string())
}

/// What is said when one line is written in place of another.
fn replaced(line: &str, by: &str) -> String {
    assert!(LEAST.contains(line), "{line}");
    parse(&LEAST.replacen(line, by, 1), &[]).unwrap_err()
}

/// What is said when lines are added at the end.
fn added(lines: &str) -> String {
    parse(&format!("{LEAST}{lines}\n"), &[]).unwrap_err()
}

fn warnings(text: &str) -> Vec<String> {
    parse(text, &[]).unwrap().warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn the_shortest_configuration_has_everything_else_by_default() {
    let config = parse(LEAST, &[]).unwrap();
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    let newsletter = &config.newsletters[0];
    assert_eq!(newsletter.sender.list_id, "week.example.org");
    assert_eq!(newsletter.sender.from_name.as_str(), "The Example Courier");
    assert_eq!((newsletter.cutoff_minutes, newsletter.max_age_days, newsletter.max_lateness_hours), (30, 14, 6));
    assert_eq!(newsletter.policy.deliver_within_hours, 24);
    assert_eq!(newsletter.brand.web_base, "https://news.example.org");
    assert!(matches!(&config.mail.via, Via::Outbox(folder) if folder == Path::new("outbox")));
    assert_eq!(config.database, Path::new("subscribers.db"));
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_right_one() {
    assert_eq!(
        replaced("schedule =", "schedul ="),
        "c.toml:10: newsletters[0].schedule: missing; set it, such as schedule = \"0 17 * * FRI\"\n\
         c.toml:13: newsletters[0].schedul: unknown key; did you mean \"schedule\"?"
    );
    assert_eq!(added("[retension]"), "c.toml:19: retension: unknown key; did you mean \"retention\"?");
    assert_eq!(
        added("[mail]\nbase_url = \"https://example.org\""),
        "c.toml:20: mail.base_url: unknown key here; it belongs into [web]"
    );
    assert_eq!(
        added("[mail]\ndeliver_within = \"12h\""),
        "c.toml:20: mail.deliver_within: unknown key here; it belongs into [defaults]"
    );
    assert_eq!(added("[keys]\ncolour = 1"), "c.toml:20: keys.colour: unknown key; known here: file");
}

#[test]
fn a_key_of_defaults_is_suggested_where_it_may_also_stand() {
    assert_eq!(
        replaced("from_address = \"week@example.org\"", "from_address = \"week@example.org\"\ncutoff = \"1h\""),
        "c.toml:15: newsletters[0].cutoff: unknown key; did you mean \"cut_off\"?"
    );
}

#[test]
fn a_wrong_type_is_refused_with_what_is_allowed() {
    assert_eq!(
        added("cap = \"many\""),
        "c.toml:19: newsletters[0].sections[0].cap: must be a whole number from 1 to 200, not \"many\""
    );
    assert_eq!(
        replaced("rest = true", "rest = \"yes\"").lines().next().unwrap(),
        "c.toml:18: newsletters[0].sections[0].rest: must be true or false, not \"yes\""
    );
    assert_eq!(
        replaced("title = \"The Week in Review\"", "title = 7"),
        "c.toml:12: newsletters[0].title: must be a text in quotes, not 7"
    );
    assert_eq!(
        replaced("[\"ops@example.org\"]", "\"ops@example.org\""),
        "c.toml:1: operators: must be a list in square brackets, not \"ops@example.org\""
    );
    assert_eq!(
        added("[mail]\ntimeout = 60"),
        "c.toml:20: mail.timeout: must be a length of time from \"5s\" to \"10m\" (s, m, h, d, w), not 60"
    );
    assert_eq!(added("[defaults]\nmax_age = \"36h\""), "c.toml:20: defaults.max_age: must be whole days, not \"36h\"");
    assert_eq!(
        added("[sources]\nid = \"a\""),
        "c.toml:19: sources: must be a list of tables, each written as [[sources]], not a table"
    );
    assert_eq!(
        added("[mail]\nvia = \"pigeon\""),
        "c.toml:20: mail.via: must be one of \"outbox\", \"smtp\", \"sendmail\", \"ses\", \"mailgun\", not \"pigeon\""
    );
}

#[test]
fn text_that_is_no_toml_is_refused_with_its_line() {
    let error = replaced("name = \"The Example Courier\"", "name = \"The Example Courier");
    assert!(error.starts_with("c.toml:3: "), "{error}");
    let error = added("title = \"again\"\n[web]");
    assert!(error.contains("c.toml:19: duplicate key") && error.contains("c.toml:20: "), "{error}");
}

#[test]
fn a_schedule_that_never_fires_is_refused() {
    assert_eq!(
        replaced("0 17 * * FRI", "0 0 30 2 *"),
        "c.toml:13: newsletters[0].schedule: \"0 0 30 2 *\" never fires"
    );
    assert_eq!(
        replaced("0 17 * * FRI", "0 17 * * FREITAG"),
        "c.toml:13: newsletters[0].schedule: \"FREITAG\" is not a weekday: use 0 to 7 (0 and 7 are Sunday) or SUN to SAT"
    );
}

#[test]
fn a_zone_that_is_none_is_refused_with_the_nearest() {
    let zone = |name: &str| replaced("from_address", &format!("zone = \"{name}\"\nfrom_address"));
    assert_eq!(
        zone("Europe/Londn"),
        "c.toml:14: newsletters[0].zone: \"Europe/Londn\" is not a time zone; did you mean \"Europe/London\"?"
    );
    assert_eq!(
        zone("new york"),
        "c.toml:14: newsletters[0].zone: \"new york\" is not a time zone; did you mean \"America/New_York\"?"
    );
    assert_eq!(
        zone("??"),
        "c.toml:14: newsletters[0].zone: \"??\" is not a time zone; use a name such as \"Europe/London\""
    );
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let said = parse("", &[]).unwrap_err();
    let named: Vec<&str> = said.lines().filter_map(|line| line.split(": ").nth(1)).collect();
    let expected = [
        "publication.name",
        "publication.url",
        "publication.postal_address",
        "publication.privacy_url",
        "publication.contact",
        "web.base_url",
        "newsletters",
    ];
    assert_eq!(named, expected);
}

#[test]
fn a_newsletter_cannot_be_called_as_a_page_nor_as_another() {
    assert_eq!(
        replaced("slug = \"week\"", "slug = \"search\""),
        "c.toml:11: newsletters[0].slug: \"search\" is the name of a page of the web service; choose another"
    );
    let second = LEAST.split_once("[[newsletters]]").unwrap().1;
    assert_eq!(
        added(&format!("[[newsletters]]{second}")),
        "c.toml:20: newsletters[1].slug: \"week\" is the slug of another newsletter (line 11)"
    );
}

#[test]
fn a_newsletter_without_sections_and_a_section_that_gathers_nothing_are_refused() {
    let bare = LEAST.split_once("[[newsletters.sections]]").unwrap().0;
    assert_eq!(
        parse(bare, &[]).unwrap_err(),
        "c.toml:10: newsletters[0].sections: missing; a newsletter has at least one section, such as one with rest = true"
    );
    assert_eq!(
        replaced("rest = true\n", ""),
        "c.toml:15: newsletters[0].sections[0].tags: missing; a section gathers by tags, by sources, by language, or with rest = true whatever fits no other"
    );
    assert_eq!(
        added("[[newsletters.sections]]\nslug = \"more\"\ntitle = \"More\"\nrest = true"),
        "c.toml:20: newsletters[0].sections[1].slug: \"more\" is the slug of another section of this newsletter\n\
         c.toml:22: newsletters[0].sections[1].rest: another section (line 18) gathers the rest already"
    );
}

#[test]
fn two_sources_with_one_url_or_one_id_are_refused() {
    let source = |id: &str, place: &str| format!("[[sources]]\nid = \"{id}\"\nname = \"A\"\n{place}\n");
    let url = |url: &str| format!("url = \"{url}\"");
    assert_eq!(
        added(&(source("a", &url("https://example.org/feed")) + &source("b", &url("http://EXAMPLE.org/feed/#top")))),
        "c.toml:26: sources[1].url: source \"a\" (line 22) has the same; each story would be seen twice"
    );
    assert_eq!(
        added(&(source("a", &url("https://example.org/one")) + &source("a", "kind = \"folder\"\npath = \"x\""))),
        "c.toml:24: sources[1].id: \"a\" is the id of another source (line 20)"
    );
    assert_eq!(
        added(&source("a", "kind = \"folder\"\nurl = \"https://example.org/\"")),
        "c.toml:23: sources[0].url: a folder has a path, not a url; for links to the web set base_url"
    );
    assert_eq!(
        added(&source("a", "path = \"x.xml\"\nurl = \"https://example.org/\"")),
        "c.toml:22: sources[0].path: clashes with sources[0].url (line 23); set one of the two"
    );
    assert!(
        added(&source("a", &url("ftp://example.org/")))
            .contains("c.toml:22: sources[0].url: \"ftp://example.org/\" is not a web address")
    );
}

#[test]
fn base_url_has_https_unless_on_this_machine() {
    let base = |url: &str| LEAST.replace("https://news.example.org/", url);
    assert!(
        parse(&base("http://news.example.org"), &[])
            .unwrap_err()
            .starts_with("c.toml:9: web.base_url: must begin with https://")
    );
    assert!(
        parse(&base("https://news.example.org/?a=b"), &[])
            .unwrap_err()
            .starts_with("c.toml:9: web.base_url: must end with the host")
    );
    assert_eq!(
        parse(&base("https://example.org/newsletter/"), &[]).unwrap().web.base_url,
        "https://example.org/newsletter"
    );
    assert!(warnings(&base("http://127.0.0.1:8080"))[0].starts_with("c.toml:9: web.base_url: only this machine"));
}

#[test]
fn the_environment_overrides_and_is_named_when_it_is_wrong() {
    let config = parse(
        LEAST,
        &[
            ("WEEK_IN_REVIEW__MAIL__CONNECTIONS", "9"),
            ("WEEK_IN_REVIEW__NEWSLETTERS__0__SCHEDULE", "0 8 * * MON"),
            ("WEEK_IN_REVIEW__OPERATORS", "a@example.org, b@example.org"),
            ("WEEK_IN_REVIEW_KEYS", "not a setting"),
        ],
    );
    let config = config.unwrap();
    assert_eq!(config.newsletters[0].schedule.as_str(), "0 8 * * MON");
    assert_eq!(config.operators.len(), 2);
    let refused = |name: &str, value: &str| parse(LEAST, &[(name, value)]).unwrap_err();
    assert_eq!(
        refused("WEEK_IN_REVIEW__MAIL__CONNECTIONS", "lots"),
        "variable WEEK_IN_REVIEW__MAIL__CONNECTIONS: mail.connections: must be a whole number from 1 to 100, not \"lots\""
    );
    assert_eq!(
        refused("WEEK_IN_REVIEW__MAIL__PASWORD", "x"),
        "variable WEEK_IN_REVIEW__MAIL__PASWORD: mail.pasword: unknown key; did you mean \"password\"?"
    );
    assert_eq!(
        refused("WEEK_IN_REVIEW__NEWSLETTERS__3__TITLE", "x"),
        "variable WEEK_IN_REVIEW__NEWSLETTERS__3__TITLE: newsletters.3.title: newsletters has 1 entries, counted from 0; \"3\" is none of them"
    );
}

const SMTP: &str = "[mail]\nvia = \"smtp\"\nhost = \"smtp.example.org\"\nusername = \"week\"\n";

#[test]
fn a_password_may_come_from_a_file_and_never_prints() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let key = crate::mail::dkim::generate_rsa().unwrap().expose_secret().to_owned();
    let text = format!("{LEAST}{SMTP}password_file = {file:?}\n[mail.dkim]\ndomain = \"example.org\"\nkey = {key:?}\n");
    let config = parse(&text, &[]).unwrap();
    let Way::Smtp(settings) = &config.mail.relays()[0].way else { panic!("not smtp") };
    assert_eq!(settings.password.as_ref().unwrap().expose_secret(), "hunter2");
    assert_eq!(settings.port, 587);
    let printed = format!("{config:?}");
    assert!(printed.contains("***") && !printed.contains("hunter2") && !printed.contains("PRIVATE"), "{printed}");
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let path = file.display();
    assert_eq!(
        warnings(&text),
        [format!("c.toml:23: mail.password_file: everybody on this machine may read {path}; run: chmod 600 {path}")]
    );
}

#[test]
fn a_secret_that_is_missing_or_given_twice_is_refused() {
    assert_eq!(
        added(&format!("{SMTP}password_file = \"/nowhere/password\"")),
        "c.toml:23: mail.password_file: cannot read /nowhere/password: No such file or directory (os error 2)"
    );
    assert_eq!(
        parse(&format!("{LEAST}{SMTP}password = \"a\"\n"), &[("WEEK_IN_REVIEW__MAIL__PASSWORD_FILE", "/dev/null")])
            .unwrap_err(),
        "variable WEEK_IN_REVIEW__MAIL__PASSWORD_FILE: mail.password_file: clashes with mail.password (line 23); set one of the two"
    );
    assert_eq!(added(SMTP.trim_end()), "c.toml:22: mail.username: a username needs a password or password_file");
    assert_eq!(
        added(&format!("{SMTP}password = \"a\"\nencryption = \"none\"")),
        "c.toml:24: mail.encryption: the password would cross the network in the open; use \"starttls\" or \"tls\""
    );
    assert_eq!(
        added("[mail]\nvia = \"smtp\""),
        "c.toml:19: mail.host: missing; via = \"smtp\" needs a mail server, such as host = \"smtp.example.org\""
    );
}

#[test]
fn unsigned_mail_and_foreign_signatures_are_warned_of() {
    assert_eq!(
        warnings(&format!("{LEAST}[mail]\nvia = \"smtp\"\nhost = \"localhost\"\n")),
        ["c.toml: mail.dkim.domain: not set, so mail goes out unsigned; many receivers will refuse it or call it spam"]
    );
    let said = warnings(&format!("{LEAST}[mail.dkim]\ndomain = \"example.net\"\nkey_file = \"/nowhere/key.pem\"\n"));
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("c.toml:20: mail.dkim.domain: newsletter \"week\" is from example.org"), "{said:?}");
    assert!(
        said[1].starts_with("c.toml:21: mail.dkim.key_file: /nowhere/key.pem is not there; make it with"),
        "{said:?}"
    );
    assert!(warnings(&LEAST.replace("operators = [\"ops@example.org\"]\n", ""))[0].contains("nobody is told by mail"));
}

#[test]
fn a_dkim_key_that_is_none_is_refused() {
    assert_eq!(
        added("[mail.dkim]\ndomain = \"example.org\"\nkey = \"pem\""),
        "c.toml:21: mail.dkim.key: DKIM key \"week\": not a private RSA or Ed25519 key in PEM form"
    );
}

#[test]
fn a_pale_accent_is_darkened_and_said() {
    let said = warnings(&LEAST.replace("from_address", "accent = \"#ffcc00\"\nfrom_address"));
    assert!(
        said[0].starts_with("c.toml:14: newsletters[0].accent: #ffcc00 is too pale to read on paper; #"),
        "{said:?}"
    );
    assert_eq!(
        replaced("from_address", "accent = \"red\"\nfrom_address"),
        "c.toml:14: newsletters[0].accent: \"red\" is not a colour: write six hexadecimal digits, such as \"#9b1b22\""
    );
}

#[test]
fn addresses_that_mail_cannot_have_are_refused() {
    assert_eq!(
        replaced("week@example.org", "week@localhost"),
        "c.toml:14: newsletters[0].from_address: \"week@localhost\" is not a mail address: \"localhost\" is not a mail domain"
    );
    assert_eq!(
        replaced("from_address = \"week@example.org\"\n", ""),
        "c.toml:10: newsletters[0].from_address: missing; set it here or in [defaults], such as from_address = \"week@example.org\""
    );
    assert_eq!(
        replaced("[\"ops@example.org\"]", "[\"ops@example.org\", \"ops\"]"),
        "c.toml:1: operators[1]: \"ops\" is not a mail address: an address has the form name@domain"
    );
}

#[test]
fn what_newsletters_inherit_is_wrong_once_and_may_be_overridden() {
    let config = parse(EXAMPLE, &[("WEEK_IN_REVIEW__NEWSLETTERS__1__ZONE", "Asia/Tehran")]).unwrap();
    assert_eq!(config.newsletters.iter().map(|n| n.zone.name()).collect::<Vec<_>>(), ["Europe/London", "Asia/Tehran"]);
    let error = parse(&EXAMPLE.replace("zone = \"Europe/London\"", "zone = \"Europe\""), &[]).unwrap_err();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(": defaults.zone: \"Europe\" is not a time zone"), "{error}");
}

#[test]
fn a_section_that_names_an_alias_means_the_tag_it_folds_into() {
    let text = EXAMPLE.replace("tags = [\"Lobbying\"]", "tags = [\"K Street\"]");
    let config = parse(&text, &[]).unwrap();
    assert_eq!(config.newsletters[1].tags[0].label(), "Lobbying");
    assert_eq!(config.newsletters[0].sections[1].tags[0].label(), "Lobbying");
}

#[test]
fn a_subject_with_an_unknown_place_is_refused() {
    assert_eq!(
        replaced("from_address", "subject = \"{titel}\"\nfrom_address"),
        "c.toml:14: newsletters[0].subject: {titel} is replaced by nothing; use {lead}, {title}, {number}, {date}, {count}"
    );
}

#[test]
fn a_file_that_is_not_there_or_no_text_is_named() {
    let load = |path: &Path| Config::load(path, &Environment::new()).unwrap_err().to_string();
    assert_eq!(
        load(Path::new("/nowhere/c.toml")),
        "/nowhere/c.toml: there is no such file; make it with \"week-in-review init\", or name another with --config"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    std::fs::write(&file, b"a = 1\nb = \"\xff\"").unwrap();
    assert_eq!(load(&file), format!("{}: is not UTF-8 text (line 2)", file.display()));
}

#[test]
fn an_article_is_kept_as_long_as_a_newsletter_may_take_it() {
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let kept_days = |text: &str| {
        let config = parse(text, &[]).unwrap();
        (now - config.retention.limits(&config.newsletters, now).unmailed_articles).num_days()
    };
    assert_eq!(kept_days(LEAST), 365);
    assert_eq!(kept_days(&format!("{LEAST}[retention]\nunmailed_articles = \"5d\"\n")), 14);
    assert_eq!(kept_days(&format!("{LEAST}[retention]\nunmailed_articles = \"40d\"\n")), 40);
}

#[test]
fn each_limit_of_retention_is_the_age_that_was_configured() {
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let config = parse(&format!("{LEAST}[retention]\ndeliveries = \"9d\"\nnetwork_prefixes = \"3d\"\n"), &[]).unwrap();
    let limits = config.retention.limits(&config.newsletters, now);
    assert_eq!(((now - limits.deliveries).num_days(), (now - limits.network_prefixes).num_days()), (9, 3));
}

#[test]
fn several_relays_share_the_mail() {
    let text = format!(
        "{LEAST}[[mail.relays]]\nhost = \"a.example.org\"\nkind = \"postfix\"\nweight = 3\n\
         [[mail.relays]]\nvia = \"ses\"\nregion = \"eu-west-1\"\nusername = \"AKID\"\npassword = \"hunter2\"\nper_day = 200\nfallback = true\n\
         [mail.dkim]\ndomain = \"example.org\"\nkey_file = \"/nowhere/key.pem\"\n"
    );
    let config = parse(&text, &[]).unwrap();
    let [first, second] = config.mail.relays() else { panic!("two relays") };
    assert!(matches!(&first.way, Way::Smtp(settings) if settings.host == "a.example.org"));
    assert_eq!((first.weight, first.is_fallback, second.is_fallback, second.per_day), (3, false, true, 200));
    assert!(matches!(&second.way, Way::Ses(settings) if settings.endpoint == "https://email.eu-west-1.amazonaws.com"));
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn relays_that_cannot_work_are_refused() {
    assert_eq!(
        added("[[mail.relays]]\nhost = \"a.example.org\"\nfallback = true"),
        "c.toml:19: mail.relays: all are fallbacks; at least one must be there for the usual case"
    );
    assert_eq!(
        added("[mail]\nhost = \"b.example.org\"\n[[mail.relays]]\nhost = \"a.example.org\""),
        "c.toml:20: mail.host: belongs into one of [[mail.relays]], since there are several"
    );
    assert_eq!(
        added("[mail]\nvia = \"mailgun\"\nusername = \"api\"\npassword = \"x\""),
        "c.toml:19: mail.domain: missing; via = \"mailgun\" needs the domain as Mailgun knows it, such as domain = \"mg.example.org\""
    );
    assert_eq!(
        added("[mail]\nvia = \"ses\"\nusername = \"a\"\npassword = \"x\"\nendpoint = \"http://ses.example.org\""),
        "c.toml:23: mail.endpoint: the secret key would cross the network in the open; use https"
    );
}

#[test]
fn two_keys_under_one_name_and_a_lonely_ed25519_are_noticed() {
    let keys = "[mail.dkim]\ndomain = \"example.org\"\n[[mail.dkim.keys]]\nselector = \"week\"";
    let said = added(keys);
    assert!(said.contains("\"week\" names another key of example.org already"), "{said}");
    let key = crate::mail::dkim::generate_ed25519().unwrap().expose_secret().to_owned();
    let said = warnings(&format!("{LEAST}[mail.dkim]\ndomain = \"example.org\"\nkey = {key:?}\n"));
    assert!(said[0].contains("signs only with Ed25519"), "{said:?}");
}
