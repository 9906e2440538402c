//! What stands before every page of the desk: who asks, and whether a form may be believed. Cookies are read and written here alone.
//!
//! - The session's cookie is `HttpOnly`, and `__Host-` with `Secure` wherever readers come over https. `SameSite=Lax`, not `Strict`: the mail that
//!   tells an editor of an issue links to the desk, and with `Strict` they would stand at the door each time. Nothing is lost by it: no GET changes
//!   anything, and every POST needs the token of its session.
//! - A form is believed if it carries that token, and neither `Sec-Fetch-Site` nor `Origin` says that it came from another site.
//! - At the door there is no session yet; a cookie of its own stands in for it, so that nobody can be signed in as somebody else.

use super::{Desk, DeskError, Signed};
use crate::domain::editor::Secret;
use crate::web::WebError;
use crate::web::form::{EDITORS_LIMIT, Form};
use crate::web::guard::page_policy;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

/// The secret of the forms at the door.
#[derive(Debug, Clone)]
pub(super) struct Doormat(pub(super) Secret);

/// Lets editors pass, with their form already checked; shows everybody else the door.
pub(super) async fn signed_in(State(desk): State<Desk>, mut request: Request, next: Next) -> Response {
    let found = match session(&desk, request.headers()) {
        Some(secret) => {
            let (hash, life, now) = (secret.hash(), desk.life(), desk.now());
            match desk.work(move |app| app.store.session_editor(hash, life, now)).await {
                Ok(editor) => editor.map(|editor| Signed { editor, session: secret }),
                Err(error) => return error.into_response(),
            }
        }
        None => None,
    };
    let Some(signed) = found else { return to_the_door(&desk, &request) };
    if let Err(error) = check_form(&desk, &mut request, &signed.session).await {
        return error.into_response();
    }
    request.extensions_mut().insert(signed);
    next.run(request).await
}

/// Gives whoever stands at the door a secret for their form, and checks it.
pub(super) async fn at_the_door(State(desk): State<Desk>, mut request: Request, next: Next) -> Response {
    let known = cookie(request.headers(), &desk.doormat_name()).and_then(|text| Secret::parse(&text));
    let is_new = known.is_none();
    let secret = known.unwrap_or_else(|| Secret::new(desk.app().entropy.bytes()));
    if let Err(error) = check_form(&desk, &mut request, &secret).await {
        return error.into_response();
    }
    request.extensions_mut().insert(Doormat(secret.clone()));
    let mut response = next.run(request).await;
    if is_new {
        set_cookie(&desk, &mut response, &desk.doormat_name(), &secret.text(), None);
    }
    response
}

impl Desk {
    /// What the pages of the desk may load and do: what those of readers may, and show the frames of the preview.
    fn policy(&self) -> HeaderValue {
        let app = self.app();
        let policy = page_policy(&app.config.newsletters);
        let with_frames = policy.to_str().map(|policy| format!("{policy}; frame-src 'self'"));
        with_frames.ok().and_then(|policy| HeaderValue::try_from(policy).ok()).unwrap_or(policy)
    }
}

/// Pages of the desk are in no index and no cache, and in no frame but its own. Their addresses are told to this site alone; browsers that are told
/// to name no referrer at all would call the origin of our own forms "null".
pub(super) async fn headers(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = desk.policy();
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-robots-tag", "noindex, nofollow, noarchive"),
        ("cache-control", "no-store"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}

fn to_the_door(desk: &Desk, request: &Request) -> Response {
    // A form cannot be sent again after signing in, so it leads to the first page.
    let wanted = request.uri().path_and_query().filter(|_| request.method() == Method::GET);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", wanted.map_or("", |path| path.as_str()))
        .finish();
    let mut response = Redirect::to(&desk.path(&format!("/desk/sign-in?{query}"))).into_response();
    if session(desk, request.headers()).is_some() {
        set_cookie(desk, &mut response, &desk.session_name(), "", Some(0));
    }
    response
}

/// A request that may change something carries a form with the token of `secret`, and comes from this site. The form is then in its extensions.
async fn check_form(desk: &Desk, request: &mut Request, secret: &Secret) -> Result<(), DeskError> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    if !comes_from_here(desk, request.headers()) {
        return Err(DeskError::Forged);
    }
    let (parts, body) = std::mem::take(request).into_parts();
    let form = Form::read(Request::from_parts(parts.clone(), body), EDITORS_LIMIT).await?;
    *request = Request::from_parts(parts, axum::body::Body::empty());
    if !form.first("form").is_some_and(|token| secret.admits(token)) {
        return Err(DeskError::Forged);
    }
    request.extensions_mut().insert(form);
    Ok(())
}

/// Whether a browser says that a form is of this site, or says nothing, as programs and old browsers do.
fn comes_from_here(desk: &Desk, headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if said("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return false;
    }
    let Some(origin) = said("origin") else { return true };
    // Behind a tunnel the desk may be reached under another name than its public one; a page of that name is ours as well.
    let host = said("host").unwrap_or_default();
    origin == &*desk.origin || [format!("http://{host}"), format!("https://{host}")].contains(&origin.to_owned())
}

/// The secret that a browser's session cookie holds.
pub(super) fn session(desk: &Desk, headers: &HeaderMap) -> Option<Secret> {
    cookie(headers, &desk.session_name()).and_then(|text| Secret::parse(&text))
}

/// Lets a browser keep a session, for as long as it may last at most.
pub(super) fn keep_session(desk: &Desk, response: &mut Response, session: &Secret) {
    set_cookie(desk, response, &desk.session_name(), &session.text(), Some(desk.life().whole.num_seconds()));
    // What belonged to the door is of no more use.
    set_cookie(desk, response, &desk.doormat_name(), "", Some(0));
}

/// Lets a browser forget its session.
pub(super) fn forget_session(desk: &Desk, response: &mut Response) {
    set_cookie(desk, response, &desk.session_name(), "", Some(0));
}

/// Where an editor wanted to go, if that is a page of the desk; else its first. The text is anybody's, so it is taken apart as a browser would.
pub(super) fn next_place(desk: &Desk, wanted: &str) -> String {
    let home = desk.path("/desk");
    let here = url::Url::parse("http://desk.invalid/").expect("this is an address");
    let found = here.join(wanted).ok().filter(|url| url.origin() == here.origin() && wanted.starts_with('/'));
    let inside = |url: &url::Url| url.path() == home || url.path().starts_with(&format!("{home}/"));
    match found.filter(inside) {
        Some(url) => url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())),
        None => home,
    }
}

impl Desk {
    fn session_name(&self) -> String {
        self.cookie_name("desk")
    }

    fn doormat_name(&self) -> String {
        self.cookie_name("desk-door")
    }

    /// `__Host-` is kept by browsers only with `Secure` and for the whole host, so no other host can set it (RFC 6265bis 4.1.3.2).
    fn cookie_name(&self, name: &str) -> String {
        if self.is_https() { format!("__Host-{name}") } else { name.to_owned() }
    }
}

fn set_cookie(desk: &Desk, response: &mut Response, name: &str, value: &str, seconds: Option<i64>) {
    let (path, secure) = if desk.is_https() { ("/".to_owned(), "; Secure") } else { (desk.path("/desk"), "") };
    let age = seconds.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
    let line = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}{age}");
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

impl From<std::convert::Infallible> for DeskError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// The form of a request that was checked.
pub(super) fn checked(form: Option<axum::Extension<Form>>) -> Result<Form, DeskError> {
    form.map(|axum::Extension(form)| form).ok_or(DeskError::Web(WebError::Form("there is no form")))
}
