//! Where somebody goes on after a detour: a sign-in, a switch of the language, a failure.

use axum::http::Method;
use axum::http::request::Parts;

/// The longest address that is come back to.
const LONGEST: usize = 512;
/// Addresses that show a form and take it; any other form stands on a page above its address.
const BOTH: [&str; 9] = [
    "/pay",
    "/top-up",
    "/security/phone",
    "/apply",
    "/sign-in",
    "/sign-in/code",
    "/totp",
    "/recover",
    "/staff/totp",
];

/// The page to come back to: the one that was asked for, or where the form stands that was sent.
pub(super) fn of(parts: &Parts) -> String {
    let path = parts.uri.path();
    local_path(match (&parts.method, parts.uri.path_and_query()) {
        (&(Method::GET | Method::HEAD), Some(all)) => all.as_str(),
        (&(Method::GET | Method::HEAD), None) => path,
        _ => form_page(path),
    })
}

/// The page on which the form stands that is sent to this address.
fn form_page(path: &str) -> &str {
    let own = BOTH.contains(&path)
        || path.starts_with("/welcome/")
        || path.starts_with("/staff/sign-in")
        || (path.starts_with("/staff/wallets/") && path.ends_with("/number"));
    if own {
        return path;
    }
    if path.starts_with("/staff/requests/") {
        return "/staff/requests";
    }
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((above, _)) => above,
    }
}

/// Only a path of ours, never another place.
pub(crate) fn local_path(text: &str) -> String {
    let sound = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= LONGEST
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if sound { text.to_owned() } else { "/".into() }
}

/// The same, at the desk.
pub(crate) fn desk_path(text: &str) -> String {
    let sound = local_path(text);
    let within = sound
        .strip_prefix("/staff")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if within { sound } else { "/staff".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leaves_this_place() {
        assert_eq!(local_path("/security"), "/security");
        assert_eq!(local_path("/apply?name=%E6%9E%97"), "/apply?name=%E6%9E%97");
        let long = format!("/{}", "a".repeat(LONGEST));
        for elsewhere in [
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "/a\r\nset-cookie: a=b",
            "javascript:1",
            "",
            "/a b",
            &long,
        ] {
            assert_eq!(local_path(elsewhere), "/");
        }
        assert_eq!(desk_path("/staff/cases?state=open"), "/staff/cases?state=open");
        for elsewhere in ["/", "/staffing", "//staff", "/security"] {
            assert_eq!(desk_path(elsewhere), "/staff");
        }
    }

    #[test]
    fn a_form_is_found_again_above_its_address() {
        for (sent_to, page) in [
            ("/pay", "/pay"),
            ("/pay/review", "/pay"),
            ("/payments/0a/confirm", "/payments/0a"),
            ("/security/freeze", "/security"),
            ("/security/phone", "/security/phone"),
            ("/sign-out", "/"),
            ("/staff/wallets/0a/number", "/staff/wallets/0a/number"),
            ("/staff/wallets/find", "/staff/wallets"),
            ("/staff/requests/0a/refuse", "/staff/requests"),
            ("/apply/progress/abc/call-time", "/apply/progress/abc"),
        ] {
            assert_eq!(form_page(sent_to), page);
        }
    }
}
