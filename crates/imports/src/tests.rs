//! Reading whatever an export looks like, and mapping its texts: without a database.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use crate::mapping::{Mapping, position};
use crate::{presets, read};

fn rows(bytes: &[u8]) -> (Vec<String>, Vec<(u64, Vec<String>)>) {
    let mut rows = Vec::new();
    let headers = read::read(bytes, &mut |line, cells| {
        rows.push((line, cells));
        Ok(())
    });
    (headers.unwrap(), rows)
}

fn utf16(text: &str, bom: bool, big: bool) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
    let mark: &[u8] = match (bom, big) {
        (false, _) => b"",
        (true, true) => b"\xfe\xff",
        (true, false) => b"\xff\xfe",
    };
    mark.iter().copied().chain(units).collect()
}

#[test]
fn every_common_encoding_and_delimiter_reads_the_same() {
    let text = "Name;Country\r\nM\u{fc}ller;DE\r\nOcean;FR\r\n";
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let marked: Vec<u8> = b"\xef\xbb\xbf".iter().copied().chain(text.bytes()).collect();
    let files = [
        text.as_bytes().to_vec(),
        marked,
        latin,
        utf16(text, true, false),
        utf16(text, true, true),
        utf16(text, false, false),
    ];
    for file in files {
        let (headers, rows) = rows(&file);
        assert_eq!(headers, ["Name", "Country"]);
        assert_eq!(rows[0], (2, vec!["Müller".to_owned(), "DE".to_owned()]));
    }
    for delimiter in [",", ";", "\t", "|"] {
        let (headers, rows) = rows(format!("a{delimiter}b\n1{delimiter}2\n").as_bytes());
        assert_eq!((headers.len(), rows[0].1.len()), (2, 2), "{delimiter:?}");
    }
}

#[test]
fn json_lines_and_arrays_are_flat_rows() {
    let lines = b"{\"name\":\"A\",\"customer\":{\"name\":\"B\"}}\n{\"name\":\"C\"}\n";
    let array = b"[{\"name\":\"A\",\"customer\":{\"name\":\"B\"}},{\"name\":\"C\"}]";
    for file in [lines.as_slice(), array.as_slice()] {
        let (headers, rows) = rows(file);
        let cell = |row: usize, name: &str| rows[row].1[position(&headers, name).unwrap()].clone();
        assert_eq!(
            (cell(0, "customer.name"), cell(1, "customer.name"), cell(1, "name")),
            ("B".into(), String::new(), "C".into())
        );
    }
}

#[test]
fn every_shipped_preset_is_a_mapping() {
    for preset in presets::ALL {
        let mapping = preset.mapping().unwrap();
        mapping.format.check().unwrap();
        assert!(mapping.key.is_some(), "{}", preset.key);
        assert_eq!(Mapping::parse(&mapping.to_toml().unwrap()).unwrap(), mapping, "{}", preset.key);
    }
}

proptest! {
    #[test]
    fn odd_files_are_read_or_refused_but_never_break(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read::read(&bytes, &mut |_, _| Ok(()));
    }

    #[test]
    fn odd_text_is_read_or_refused_but_never_breaks(text in "[a-z;,\t|\"'\r\n{}\\[\\]= é€]{0,200}") {
        let _ = read::read(text.as_bytes(), &mut |_, _| Ok(()));
    }
}
