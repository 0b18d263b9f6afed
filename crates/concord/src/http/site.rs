//! Console and portal: the pages and files of the areas in one frame, the assets, and search.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, Uri, header};
use axum::routing::get;
use jiff::tz::TimeZone;
use kernel::{ActorKind, Error, Result};
use ui::{
    Banner, Flash, Frame, NavItem, NavSpec, PageCx, PageSpec, Refilled, Render as _, ShownTo, Side, SignOut, Tone,
    UserChip, View, html,
};

use super::caller::{self, Caller};
use super::{Server, path_params, query_pairs, request_id};

pub const FLASH_COOKIE: &str = "concord_flash";
const BRAND: &str = "Concord";
/// Where a person without the second factor that the program asks for sets one up.
const SECURITY_PAGE: &str = "/me";

pub fn routes(router: Router, server: &Server) -> Router {
    let mut site: Router<Server> = Router::new();
    for page in server.app.registry().parts::<PageSpec>() {
        let spec = *page;
        site =
            site.route(
                spec.path,
                get(move |State(server): State<Server>, request: Request| async move {
                    show(&server, &spec, request).await
                }),
            );
    }
    for file in server.app.registry().parts::<ui::FileSpec>() {
        let spec = *file;
        site =
            site.route(
                spec.path,
                get(move |State(server): State<Server>, request: Request| async move {
                    send(&server, &spec, request).await
                }),
            );
    }
    for asset in ui::assets() {
        site = site.route(&asset.path, get(move || async move { asset_response(asset) }));
    }
    site = site
        .route("/sign-in", get(sign_in))
        .route("/invitations/{token}", get(invitation))
        .route("/passwords/{token}", get(new_password));
    router.merge(site.with_state(server.clone()))
}

fn asset_response(asset: &'static ui::Asset) -> Response<Body> {
    let mut response = Response::new(Body::from(asset.body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    let age = if asset.immutable { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(age));
    response
}

/// Renders a page, or what stands in its way.
async fn show(server: &Server, spec: &PageSpec, request: Request) -> Response<Body> {
    let id = request_id(&request);
    let caller = match caller::of(server, &request).await {
        Ok(caller) => caller,
        Err(error) => return failure(&error, &id),
    };
    if caller.actor.kind == ActorKind::Anonymous && !caller.actor.may(spec.permission) {
        return to_sign_in(&request);
    }
    if caller.signed.as_ref().is_some_and(|s| s.needs_second_factor) && spec.path != SECURITY_PAGE {
        return redirect(SECURITY_PAGE);
    }
    let (mut parts, _) = request.into_parts();
    let flash = caller::cookie(&parts.headers, FLASH_COOKIE).and_then(|text| read_flash(&text));
    let flashed = flash.is_some();
    let params = path_params(&mut parts).await;
    let cx = context(server, &caller, &parts.uri, params, None);
    match view(server, &cx, spec).await {
        Ok(view) => {
            let mut response = html_response(StatusCode::OK, frame(server, &caller, &cx, view, flash).render());
            if flashed {
                set_cookie(&mut response, &format!("{FLASH_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
            }
            response
        }
        Err(error) => failure(&error, &id),
    }
}

async fn view(server: &Server, cx: &PageCx, spec: &PageSpec) -> Result<View> {
    server.app.permitted(&cx.actor, spec.permission)?;
    (spec.render)(cx).await
}

/// Shows the page of a form again, with what was typed and what is wrong with it.
pub async fn show_again(
    server: &Server,
    caller: &Caller,
    path: &str,
    refilled: Refilled,
    error: &Error,
    request_id: &str,
) -> Response<Body> {
    let found = Uri::from_str(path).ok().and_then(|uri| Some((page_at(server, &uri)?, uri)));
    let Some(((spec, params), uri)) = found else { return failure(error, request_id) };
    let cx = context(server, caller, &uri, params, Some(refilled));
    match view(server, &cx, &spec).await {
        Ok(view) => {
            let page = frame(server, caller, &cx, view, Some(Flash::bad(error.to_string())));
            html_response(StatusCode::UNPROCESSABLE_ENTITY, page.render())
        }
        Err(error) => failure(&error, request_id),
    }
}

async fn send(server: &Server, spec: &ui::FileSpec, request: Request) -> Response<Body> {
    let id = request_id(&request);
    let caller = match caller::of(server, &request).await {
        Ok(caller) => caller,
        Err(error) => return failure(&error, &id),
    };
    if caller.actor.kind == ActorKind::Anonymous {
        return to_sign_in(&request);
    }
    let (mut parts, _) = request.into_parts();
    let params = path_params(&mut parts).await;
    let cx = context(server, &caller, &parts.uri, params, None);
    let file = match server.app.permitted(&cx.actor, spec.permission) {
        Ok(()) => (spec.render)(&cx).await,
        Err(error) => Err(error),
    };
    match file {
        Err(error) => failure(&error, &id),
        Ok(file) => {
            let mut response = Response::new(Body::from(file.bytes));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
            if let Some(name) = file.name
                && let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
            {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
            }
            response
        }
    }
}

fn context(
    server: &Server,
    caller: &Caller,
    uri: &Uri,
    params: BTreeMap<String, String>,
    refilled: Option<Refilled>,
) -> PageCx {
    let signed = caller.signed.as_ref();
    PageCx {
        app: server.app.clone(),
        actor: caller.actor.clone(),
        now: server.app.now(),
        zone: signed.and_then(|s| TimeZone::get(&s.zone).ok()).unwrap_or(TimeZone::UTC),
        path: uri.path().to_owned(),
        params,
        query: query_pairs(uri),
        csrf: signed.map(|s| s.csrf.clone()).unwrap_or_default(),
        refilled,
    }
}

fn frame(server: &Server, caller: &Caller, cx: &PageCx, view: View, flash: Option<Flash>) -> Frame {
    let side = if cx.is_partner() { Side::Portal } else { Side::Console };
    let mut frame = Frame::new(view.title, side).nav(navigation(server, cx)).flash(flash).body(view.body);
    frame.line = view.line;
    frame.actions = view.actions;
    frame.breadcrumbs = view.crumbs;
    if let Some(line) = &server.banner {
        frame.banner = Some(Banner { tone: Tone::Info, body: html! { (line) }, live: None });
    }
    if let Some(signed) = &caller.signed {
        frame = frame.user(UserChip {
            name: signed.person.name.clone(),
            line: ui::humanize(&signed.person.role),
            links: vec![("Profile and security".to_owned(), "/me".to_owned())],
            sign_out: Some(SignOut { action: "/do/people.sign_out".to_owned(), csrf: signed.csrf.clone() }),
        });
    }
    frame
}

fn navigation(server: &Server, cx: &PageCx) -> Vec<NavItem> {
    let pages = server.app.registry().parts::<PageSpec>();
    let mut entries: Vec<(NavSpec, &'static str)> = pages
        .iter()
        .filter_map(|page| Some((page.nav?, page.path, page.permission)))
        .filter(|(nav, _, permission)| {
            let side = match nav.shown_to {
                ShownTo::Everyone => true,
                ShownTo::Vendor => !cx.is_partner(),
                ShownTo::Partner => cx.is_partner(),
            };
            side && cx.may(permission)
        })
        .map(|(nav, path, _)| (nav, path))
        .collect();
    entries.sort_by_key(|(nav, _)| nav.order);
    // The entry whose path leads furthest towards this page: the inbox of deals, not the deals, too.
    let within = |path: &str| cx.path == path || (path != "/" && cx.path.starts_with(&format!("{path}/")));
    let nearest = entries.iter().map(|(_, path)| *path).filter(|path| within(path)).max_by_key(|path| path.len());
    entries
        .into_iter()
        .map(|(nav, path)| NavItem {
            section: nav.section.to_owned(),
            label: nav.label.to_owned(),
            href: path.to_owned(),
            icon: nav.icon,
            active: nearest == Some(path),
            badge: None,
        })
        .collect()
}

async fn sign_in(State(server): State<Server>, request: Request) -> Response<Body> {
    let next = query_pairs(request.uri()).into_iter().find(|(name, _)| name == "next").map(|(_, v)| v);
    let caller = caller::of(&server, &request).await;
    if caller.is_ok_and(|caller| caller.signed.is_some()) {
        return redirect(&local(next.as_deref()));
    }
    let page = people::sign_in_page(None, "", &local(next.as_deref()));
    html_response(StatusCode::OK, page)
}

async fn invitation(State(server): State<Server>, request: Request) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    let token = path_params(&mut parts).await.remove("token").unwrap_or_default();
    let invitation = people::open_invitation(&server.app, &token).await.ok().flatten().map(|(_, found)| found);
    html_response(StatusCode::OK, people::accept_invitation_page(&token, invitation.as_ref(), None, ""))
}

async fn new_password(State(server): State<Server>, request: Request) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    let token = path_params(&mut parts).await.remove("token").unwrap_or_default();
    let person = people::open_password_reset(&server.app, &token).await.ok().flatten();
    html_response(StatusCode::OK, people::choose_password_page(&token, person.as_ref(), None, ""))
}

/// What an operation shows once and never again, in the frame of the site.
pub fn show_once(server: &Server, caller: &Caller, view: View) -> Response<Body> {
    let uri = Uri::from_static("/");
    let cx = context(server, caller, &uri, BTreeMap::new(), None);
    html_response(StatusCode::OK, frame(server, caller, &cx, view, None).render())
}

/// A path of this site to go to; anything else leads home, so that no link can send people elsewhere.
pub fn local(path: Option<&str>) -> String {
    let path = path.unwrap_or("/");
    let safe = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if safe { path.to_owned() } else { "/".to_owned() }
}

fn to_sign_in(request: &Request) -> Response<Body> {
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let next: String = here.bytes().map(encoded).collect();
    redirect(&format!("/sign-in?next={next}"))
}

fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

pub fn redirect(to: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, place);
    response
}

pub fn html_response(status: StatusCode, page: ui::Markup) -> Response<Body> {
    let mut response = Response::new(Body::from(page.into_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

pub fn set_cookie(response: &mut Response<Body>, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A message for the next page, in a cookie: tone, then the text in hexadecimal.
pub fn flash_cookie(good: bool, text: &str) -> String {
    let short: String = text.chars().take(400).collect();
    let tone = if good { 'g' } else { 'b' };
    format!("{FLASH_COOKIE}={tone}{}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax", kernel::db::hex(short.as_bytes()))
}

fn read_flash(text: &str) -> Option<Flash> {
    let (tone, digits) = text.split_at_checked(1)?;
    let byte = |place: usize| digits.get(2 * place..2 * place + 2).and_then(|d| u8::from_str_radix(d, 16).ok());
    let bytes: Option<Vec<u8>> = (0..digits.len() / 2).map(byte).collect();
    let text = String::from_utf8(bytes?).ok()?;
    Some(if tone == "g" { Flash::good(text) } else { Flash::bad(text) })
}

pub fn failure(error: &Error, request_id: &str) -> Response<Body> {
    let sentence = match error {
        Error::Internal(message) => {
            tracing::error!(message, request_id, "a page failed");
            "It is our fault, and it is in the log. Tell support the request below.".to_owned()
        }
        Error::Refused { message, .. } => message.clone(),
        other => other.to_string(),
    };
    let reasons = match error {
        Error::Refused { reasons, .. } => reasons.as_slice(),
        _ => &[],
    };
    let page = ui::public::error_page(&ui::public::ErrorPage {
        brand: BRAND,
        status: error.status(),
        sentence: &sentence,
        reasons,
        remedies: &[],
        request: Some(request_id),
    });
    html_response(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), page)
}

/// An error page of the router itself.
pub fn error_page(status: StatusCode, sentence: &str) -> Response<Body> {
    let page = ui::public::error_page(&ui::public::ErrorPage {
        brand: BRAND,
        status: status.as_u16(),
        sentence,
        reasons: &[],
        remedies: &[],
        request: None,
    });
    html_response(status, page)
}

/// The page whose path pattern fits, with the parts of the path.
fn page_at(server: &Server, uri: &Uri) -> Option<(PageSpec, BTreeMap<String, String>)> {
    let parts: Vec<&str> = uri.path().split('/').collect();
    server.app.registry().parts::<PageSpec>().iter().find_map(|page| {
        let pattern: Vec<&str> = page.path.split('/').collect();
        if pattern.len() != parts.len() {
            return None;
        }
        let mut params = BTreeMap::new();
        for (wanted, given) in pattern.iter().zip(&parts) {
            match wanted.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
                Some(name) => {
                    params.insert(name.to_owned(), (*given).to_owned());
                }
                None if wanted == given => {}
                None => return None,
            }
        }
        Some((**page, params))
    })
}
