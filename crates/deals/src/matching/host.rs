//! From an address that somebody typed to the registrable domain that identifies its owner.

/// Mailboxes that anybody can open: sharing one says nothing about sharing an employer.
const FREE_MAIL: &[&str] = &[
    "126.com",
    "163.com",
    "abv.bg",
    "alice.it",
    "aol.com",
    "arcor.de",
    "att.net",
    "bell.net",
    "bigpond.com",
    "bk.ru",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "centrum.cz",
    "chello.at",
    "comcast.net",
    "cox.net",
    "daum.net",
    "duck.com",
    "email.cz",
    "fastmail.com",
    "foxmail.com",
    "free.fr",
    "freemail.hu",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "hushmail.com",
    "icloud.com",
    "inbox.lv",
    "inbox.ru",
    "interia.pl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.co.uk",
    "live.com",
    "live.de",
    "live.fr",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "mailinator.com",
    "me.com",
    "msn.com",
    "naver.com",
    "o2.pl",
    "onet.pl",
    "op.pl",
    "optonline.net",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "sapo.pt",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "sina.com",
    "sky.com",
    "sohu.com",
    "t-online.de",
    "telenet.be",
    "tin.it",
    "tiscali.it",
    "tuta.com",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "virginmedia.com",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "ya.ru",
    "yahoo.ca",
    "yahoo.co.in",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.br",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "yeah.net",
    "ymail.com",
    "ziggo.nl",
    "zoho.com",
];

/// Sites on which companies have a page and not a domain, and names reserved for examples.
const SHARED: &[&str] = &[
    "amazon.com",
    "ebay.com",
    "etsy.com",
    "example.com",
    "example.net",
    "example.org",
    "facebook.com",
    "google.com",
    "instagram.com",
    "linkedin.com",
    "linktr.ee",
    "pinterest.com",
    "t.me",
    "tiktok.com",
    "twitter.com",
    "wa.me",
    "weebly.com",
    "wikipedia.org",
    "wix.com",
    "wordpress.com",
    "x.com",
    "xing.com",
    "yelp.com",
    "youtube.com",
];

/// What an address turned out to be worth as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// The registrable domain, in ASCII (`xn--…`) form.
    Registrable(String),
    /// A public mailbox or a shared site: real, but it identifies nobody.
    Shared(String),
    /// No host name at all, an IP address, or a bare public suffix.
    None,
}

/// Reads a domain, host, URL or e-mail address.
pub(super) fn address(written: &str) -> Address {
    let Some(host) = host_part(written) else {
        return Address::None;
    };
    let Ok(host) = idna::domain_to_ascii(host) else {
        return Address::None;
    };
    let host = host.trim_matches('.');
    if host.is_empty() || !host.contains('.') || is_ip(host) {
        return Address::None;
    }
    let Some(domain) = psl::domain_str(host) else {
        return Address::None;
    };
    // An unlisted ending such as `.local` or `.internal` names a machine on somebody's own network; made-up companies live
    // under `.example` (RFC 2606).
    let listed = psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix.is_known());
    if !listed && !domain.ends_with(".example") {
        return Address::None;
    }
    if FREE_MAIL.contains(&domain) || SHARED.contains(&domain) {
        return Address::Shared(domain.to_owned());
    }
    Address::Registrable(domain.to_owned())
}

/// The domain as people read it: `xn--mller-kva.de` is `müller.de`.
pub(super) fn readable(domain: &str) -> String {
    idna::domain_to_unicode(domain).0
}

fn host_part(written: &str) -> Option<&str> {
    let text = written.trim().trim_matches(['<', '>', '"', '\'']);
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let text = match text.split_once("://") {
        Some((_, rest)) => rest,
        None => text.strip_prefix("//").unwrap_or(text),
    };
    let authority = text.split(['/', '?', '#', '\\']).next()?;
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => host,
        None => authority,
    };
    let host = host.trim_end_matches(['>', ',', ';']);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    (!host.is_empty() && !host.contains(char::is_whitespace) && host.len() <= 253).then_some(host)
}

fn is_ip(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok() || host.split('.').all(|label| label.bytes().all(|b| b.is_ascii_digit()))
}
