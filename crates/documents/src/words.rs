//! The few words that a rendering adds of its own, in the languages we print.

/// Words around the content, chosen by the document's language; English when we do not speak it.
pub(crate) struct Words {
    pub number: &'static str,
    pub issued: &'static str,
    pub page: &'static str,
    pub of: &'static str,
    pub continued: &'static str,
    pub recipient: &'static str,
    pub document_hash: &'static str,
}

pub(crate) fn words(language: &str) -> &'static Words {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    match primary.to_ascii_lowercase().as_str() {
        "de" => &GERMAN,
        "fr" => &FRENCH,
        "es" => &SPANISH,
        _ => &ENGLISH,
    }
}

const ENGLISH: Words = Words {
    number: "Number",
    issued: "Issued",
    page: "Page",
    of: "of",
    continued: "continued",
    recipient: "Issued to",
    document_hash: "Document hash",
};

const GERMAN: Words = Words {
    number: "Nummer",
    issued: "Ausgestellt am",
    page: "Seite",
    of: "von",
    continued: "Fortsetzung",
    recipient: "Ausgestellt für",
    document_hash: "Dokument-Hash",
};

const FRENCH: Words = Words {
    number: "Numéro",
    issued: "Émis le",
    page: "Page",
    of: "sur",
    continued: "suite",
    recipient: "Destinataire",
    document_hash: "Empreinte du document",
};

const SPANISH: Words = Words {
    number: "Número",
    issued: "Emitido el",
    page: "Página",
    of: "de",
    continued: "continuación",
    recipient: "Destinatario",
    document_hash: "Huella del documento",
};
