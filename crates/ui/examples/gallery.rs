//! Writes the gallery with its assets into a folder, to be looked at in a browser:
//! `cargo run -p ui --example gallery -- FOLDER`.

use std::path::PathBuf;

use kernel::Reason;
use ui::form::{Field, form};
use ui::public::{ErrorPage, card_page, error_page};
use ui::{Markup, Side, Tone, html};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "gallery".to_owned()));
    std::fs::create_dir_all(folder.join("assets"))?;
    for asset in ui::assets() {
        std::fs::write(folder.join(asset.path.trim_start_matches('/')), asset.body)?;
    }
    for (name, page) in [
        ("console", ui::gallery_of(Side::Console)),
        ("portal", ui::gallery_of(Side::Portal)),
        ("sign-in", sign_in()),
        ("error", refusal()),
    ] {
        let text = page.into_string().replace("\"/assets/", "\"assets/");
        std::fs::write(folder.join(format!("{name}.html")), text)?;
    }
    Ok(())
}

fn sign_in() -> Markup {
    let fields = html! {
        (Field::email("email", "Email").required().autofocus())
        (Field::password("password", "Password").required())
        (ui::button(Tone::Accent, "Sign in"))
    };
    card_page(
        "Northwind Partners",
        "Sign in",
        "Partners and staff use the same door.",
        &form("/sign-in", "token", &fields),
    )
}

fn refusal() -> Markup {
    let reasons = [Reason::new("unaccepted", "Your company has not accepted the program terms of 1 March.")
        .remedy("An administrator of your company accepts them under Agreements.")];
    error_page(&ErrorPage {
        brand: "Northwind Partners",
        status: 403,
        sentence: "Deals cannot be registered yet.",
        reasons: &reasons,
        remedies: &["Ask Jonas Brandt, the administrator of your company.".to_owned()],
        request: Some("req_01j9x2"),
    })
}
