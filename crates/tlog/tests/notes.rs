//! Notes and checkpoints: published examples, and what forgeries meet.
#![allow(clippy::unwrap_used)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use tlog::{Checkpoint, CheckpointError, NoteError, NoteSigner, NoteVerifier, SignedNote};

/// From the documentation of golang.org/x/mod/sumdb/note: secret seed, verifier key and signed note.
const GO_SEED: &str = "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=";
const GO_VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\
    \n\
    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn signer(name: &str, seed: u8) -> NoteSigner {
    NoteSigner::new(name, &[seed; 32]).unwrap()
}

#[test]
fn the_example_of_the_go_implementation_verifies() {
    let key: NoteVerifier = GO_VKEY.parse().unwrap();
    let note: SignedNote = GO_NOTE.parse().unwrap();
    note.verify(std::slice::from_ref(&key)).unwrap();
    assert_eq!(note.to_string(), GO_NOTE);
    assert_eq!(key.to_string(), GO_VKEY);
}

#[test]
fn the_same_key_and_text_give_the_published_signature() {
    let seed: [u8; 32] = STANDARD.decode(GO_SEED).unwrap().try_into().unwrap();
    let signer = NoteSigner::new("PeterNeumann", &seed).unwrap();
    assert_eq!(signer.verifier().to_string(), GO_VKEY);
    let text = GO_NOTE.split("\n\n").next().unwrap().to_owned() + "\n";
    assert_eq!(signer.sign(text).unwrap().to_string(), GO_NOTE);
}

#[test]
fn a_checkpoint_goes_out_and_comes_back() {
    let key = signer("partners.example.com/log", 7);
    let checkpoint = Checkpoint::new("partners.example.com/log", 20_852_163, [9; 32]);
    assert_eq!(
        checkpoint.body().unwrap(),
        "partners.example.com/log\n20852163\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n"
    );
    let published = checkpoint.sign(&key).unwrap().to_string();
    let trusted = [key.verifier().clone()];
    assert_eq!(Checkpoint::open(&published, "partners.example.com/log", &trusted), Ok(checkpoint));
    assert_eq!(
        Checkpoint::open(&published, "other.example.com/log", &trusted).unwrap_err().to_string(),
        "the checkpoint is of the log `partners.example.com/log`, not of `other.example.com/log`"
    );
}

#[test]
fn only_trusted_signatures_count() {
    let (log, witness, stranger) = (signer("log", 1), signer("witness", 2), signer("stranger", 3));
    let mut note = log.sign("text\n".to_owned()).unwrap();
    stranger.add_to(&mut note);
    let keys =
        |signers: &[&NoteSigner]| -> Vec<NoteVerifier> { signers.iter().map(|s| s.verifier().clone()).collect() };
    assert_eq!(note.verify(&keys(&[&log, &witness])), Ok(()));
    assert_eq!(note.verify(&keys(&[&witness])), Err(NoteError::Unsigned));
    assert_eq!(note.verify(&[]), Err(NoteError::Unsigned));
    // The same name with another key is another signer.
    let impostor = signer("log", 4);
    assert_eq!(note.verify(&keys(&[&impostor])), Err(NoteError::Unsigned));
}

#[test]
fn an_altered_text_is_found_even_beside_a_good_signature() {
    let (log, witness) = (signer("log", 1), signer("witness", 2));
    let mut note = log.sign("text\n".to_owned()).unwrap();
    witness.add_to(&mut note);
    let altered: SignedNote = note.to_string().replacen("text", "test", 1).parse().unwrap();
    assert_eq!(altered.verify(&[log.verifier().clone()]), Err(NoteError::BadSignature { name: "log".into() }));
    let good = log.sign("test\n".to_owned()).unwrap().to_string();
    let mixed = good + &format!("{}\n", altered.to_string().lines().last().unwrap());
    let mixed: SignedNote = mixed.parse().unwrap();
    assert_eq!(
        mixed.verify(&[log.verifier().clone(), witness.verifier().clone()]),
        Err(NoteError::BadSignature { name: "witness".into() })
    );
}

#[test]
fn malformed_notes_are_refused() {
    let cases = [
        ("", NoteError::NoSignatures),
        ("text\n", NoteError::NoSignatures),
        ("text\n\n", NoteError::NoSignatures),
        ("text\n\n\u{2014} a AAAAAAA=", NoteError::NoSignatures),
        ("te\txt\n\n\u{2014} a AAAAAAA=\n", NoteError::Text),
        ("text\n\n- a AAAAAAA=\n", NoteError::SignatureLine { line: 1 }),
        ("text\n\n\u{2014} a AAAAAAA=\n\u{2014} a b+c AAAAAAA=\n", NoteError::SignatureLine { line: 2 }),
        ("text\n\n\u{2014} a AAAA\n", NoteError::SignatureLine { line: 1 }),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<SignedNote>(), Err(error), "{text:?}");
    }
    let many = "t\n\n".to_owned() + &"\u{2014} a AAAAAAA=\n".repeat(65);
    assert_eq!(many.parse::<SignedNote>(), Err(NoteError::TooManySignatures));
    let long = "t".repeat(300_000);
    assert!(matches!(long.parse::<SignedNote>(), Err(NoteError::TooLong { .. })));
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = STANDARD.encode([0; 32]);
    let cases = [
        (String::new(), CheckpointError::Unfinished),
        ("log\n".into(), CheckpointError::Unfinished),
        ("log\n5\n".into(), CheckpointError::Unfinished),
        (format!("log\n5\n{root}"), CheckpointError::Unfinished),
        (format!("\n5\n{root}\n"), CheckpointError::Line { line: 1 }),
        (format!("log\n05\n{root}\n"), CheckpointError::Size),
        (format!("log\n-5\n{root}\n"), CheckpointError::Size),
        (format!("log\n+5\n{root}\n"), CheckpointError::Size),
        ("log\n5\nAAAA\n".into(), CheckpointError::Root),
        (format!("log\n5\n{root}\n\n"), CheckpointError::Line { line: 4 }),
    ];
    for (body, error) in cases {
        assert_eq!(Checkpoint::parse_body(&body), Err(error), "{body:?}");
    }
    let mut extended = Checkpoint::new("log", 5, [0; 32]);
    extended.extensions.push("split\nline".into());
    assert_eq!(extended.body(), Err(CheckpointError::Line { line: 4 }));
    extended.extensions[0] = "rebuilt 2026-01-01".into();
    assert_eq!(Checkpoint::parse_body(&extended.body().unwrap()), Ok(extended));
}

#[test]
fn keys_are_checked() {
    for name in ["", "two words", "a+b", "line\nbreak"] {
        assert!(NoteSigner::new(name, &[1; 32]).is_err(), "{name:?}");
    }
    let vkey = |text: &str| text.parse::<NoteVerifier>().unwrap_err().to_string();
    assert_eq!(
        vkey(&GO_VKEY.replace("Peter", "Paul")),
        "the id in the verifier key of `PaulNeumann` does not belong to its name and key; copy it again"
    );
    assert_eq!(
        vkey("name+00000000+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        "the verifier key has type 0x04; only Ed25519 (0x01) is supported"
    );
    assert!(vkey("name").starts_with("this is not a verifier key"));
    let debug = format!("{:?}", signer("log", 1));
    assert!(debug.starts_with("NoteSigner(log+"), "{debug}");
}

proptest! {
    #[test]
    fn any_change_to_a_signed_checkpoint_is_refused(
        size in any::<u64>(),
        root in any::<[u8; 32]>(),
        at in any::<prop::sample::Index>(),
        with in "[ -~\n]",
    ) {
        let key = signer("log", 1);
        let trusted = [key.verifier().clone()];
        let published = Checkpoint::new("log", size, root).sign(&key).unwrap().to_string();
        let places: Vec<usize> = published.char_indices().map(|(place, _)| place).collect();
        let place = places[at.index(places.len())];
        let after = place + published[place..].chars().next().unwrap().len_utf8();
        let altered = format!("{}{with}{}", &published[..place], &published[after..]);
        prop_assert_eq!(
            Checkpoint::open(&altered, "log", &trusted).is_ok(),
            altered == published
        );
    }
}
