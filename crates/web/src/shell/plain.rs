use super::Page;
use askama::Template;

#[derive(Template)]
#[template(path = "plain.html")]
struct Plain<'a> {
    p: &'a Page,
    body: &'a str,
    scripts: &'a [&'a str],
}

/// A page of another room in our frame: `body` is HTML that the caller wrote and escaped,
/// `scripts` are addresses of modules on this origin.
pub fn page(frame: &Page, body: &str, scripts: &[&str]) -> Result<String, askama::Error> {
    Plain {
        p: frame,
        body,
        scripts,
    }
    .render()
}
