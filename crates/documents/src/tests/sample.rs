//! A statement as a finance controller would get it.

use kernel::{Currency, Day, Money};

use crate::*;

pub(super) fn euros(minor: i128) -> Money {
    Money::new(minor, Currency::EUR)
}

/// An empty document with everything that is not optional.
pub(super) fn blank() -> Document {
    Document {
        title: "Commission statement".into(),
        number: Number::new("NW-STM", 2026, 42).unwrap(),
        kind: "statement".into(),
        issuer: Party { name: "Northwind Cloud GmbH".into(), lines: vec![] },
        recipient: None,
        issued_on: Day::new(2026, 3, 3).unwrap(),
        language: "en".into(),
        facts: vec![],
        blocks: vec![],
        footer: String::new(),
    }
}

/// `lines` commission lines in groups of ten customers, a clawback, subtotals, total, notes.
pub(super) fn statement(lines: usize) -> Document {
    let (table, total) = commissions(lines);
    let mut document = blank();
    document.issuer.lines = vec![
        "Lindenallee 12, 10117 Berlin, Germany".into(),
        "HRB 204711 B, Amtsgericht Charlottenburg".into(),
        "VAT ID DE318274655 · partners@northwind.example".into(),
    ];
    document.recipient = Some(Party {
        name: "Kölner Systemhaus & Söhne GmbH".into(),
        lines: vec![
            "Frau Dr. Çelik-Åkesson, Finance".into(),
            "Hohenzollernring 85–87".into(),
            "50672 Köln, Germany".into(),
            "VAT ID DE129273398".into(),
        ],
    });
    document.facts = vec![
        KeyValue::new("Period", "2026-02-01 to 2026-02-28"),
        KeyValue::new("Payable on", Day::new(2026, 3, 31).unwrap()),
        KeyValue::new(
            "Program",
            Cell::text("Northwind Partner Program").detail("Version 7, in force since 2026-01-01"),
        ),
        KeyValue::new("Amount", total),
    ];
    document.footer =
        "Northwind Cloud GmbH · Managing directors: Ingrid Halvorsen, Tomáš Dvořák · IBAN DE89 3704 0044 \
                       0532 0130 00 · Objections within 30 days of the issue date; see section 8.4 of the agreement."
            .into();
    document.blocks = body(total, table);
    document
}

fn body(total: Money, table: Table) -> Vec<Block> {
    vec![
        Block::paragraph(
            Text::plain("For the period stated above you earned ")
                .bold(total.pretty())
                .then(". Every amount below leads to the decision that explains it: its inputs, the rule and ")
                .link("the plan in force", "/plans/gold-2026")
                .then("."),
        ),
        Block::note(
            Tone::Warning,
            "One negative adjustment",
            "The commission on invoice INV-2025-11873 is taken back because the customer was refunded within 90 days \
             (reason ITEM_RETURNED).",
        ),
        Block::section("Commissions by customer"),
        Block::Table(table),
        Block::section("How this was computed"),
        Block::KeyValues {
            items: vec![
                KeyValue::new("Plan", Cell::text("gold-2026").linked("/plans/gold-2026")),
                KeyValue::new("Rounding", "Each line once, half away from zero, to the cent"),
                KeyValue::new("Withholding", Cell::money(euros(0)).detail("Certificate of residence on file")),
            ],
        },
        Block::Bars {
            title: "Commission by product".into(),
            bars: vec![
                Bar { label: "Platform".into(), value: euros(1_204_455) },
                Bar { label: "Analytics add-on".into(), value: euros(388_020) },
                Bar { label: "Refunds".into(), value: euros(-41_250) },
            ],
        },
        Block::note(Tone::Info, "", "Amounts are net of VAT. This statement is not an invoice."),
        Block::Seal {
            label: "Hash of the inputs".into(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        },
        Block::Signatures {
            parties: vec![
                Signature {
                    name: "Ingrid Halvorsen".into(),
                    role: "Chief Financial Officer, Northwind Cloud GmbH".into(),
                    signed_on: Some(Day::new(2026, 3, 3).unwrap()),
                },
                Signature {
                    name: "Jörg Söhne".into(),
                    role: "Managing Director, Kölner Systemhaus & Söhne GmbH".into(),
                    signed_on: None,
                },
            ],
        },
    ]
}

pub(super) fn columns() -> Vec<Column> {
    vec![
        Column::new("Invoice", 16),
        Column::new("Paid", 10),
        Column::new("Customer and product", 34),
        Column::figures("Revenue", 14),
        Column::figures("Rate", 8),
        Column::figures("Commission", 14),
    ]
}

fn commissions(lines: usize) -> (Table, Money) {
    let mut table = Table { caption: String::new(), columns: columns(), rows: vec![] };
    let mut total = 0;
    let mut subtotal = 0;
    for i in 0..lines {
        if i % 12 == 0 {
            table.rows.push(Row::group(format!("Region {}", ["DACH", "Benelux", "Nordics", "Iberia"][i / 12 % 4])));
        }
        let refund = i == 17;
        let revenue = if refund { -343_750 } else { 98_765 + (i as i128 * 7_919) % 900_000 };
        let commission = revenue * 12 / 100;
        total += commission;
        subtotal += commission;
        let detail = if refund { "Refund within 90 days, clawback rule 8.2" } else { "" };
        let customer = [
            "Österreichische Verkehrsbetriebe AG",
            "Zażółć Gęślą Jaźń sp. z o.o.",
            if i == 6 { "Acme Holdings International Business Solutions B.V." } else { "Acme Holdings B.V." },
            "Ελληνική Εταιρεία Α.Ε.",
        ][i % 4];
        table.rows.push(Row::line(vec![
            Cell::text(format!("INV-2026-{:05}", 1_200 + i)),
            Cell::day(Day::new(2026, 2, 1).unwrap().plus_days(i as i64 % 28)),
            Cell::text(customer).detail(detail),
            euros(revenue).into(),
            "12%".into(),
            Cell::money(euros(commission)).linked(format!("/decisions/dec_01jm{i:06}")),
        ]));
        if i % 12 == 11 || i + 1 == lines {
            table.rows.push(Row::subtotal(vec!["Subtotal".into(), euros(subtotal).into()]));
            subtotal = 0;
        }
    }
    table.rows.push(Row::total(vec!["Total commission, net".into(), euros(total).into()]));
    (table, euros(total))
}
