//! Plans applied to revenue: bands to the cent, and what must hold for any sequence of events.
#![allow(clippy::unwrap_used)]

use jiff::tz::TimeZone;
use kernel::{Currency, Id, Money, Rate, Timestamp};
use law::{Band, BandMode, BandTerms, Collection, Component, How, LedBy, Party, Period, Plan, Program, RevenueKind};
use proptest::prelude::*;

use super::*;
use crate::intake::{InvoiceEventId, InvoiceKind, Quantity};

fn euros(text: &str) -> Money {
    format!("EUR {text}").parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn event(number: u64) -> InvoiceEventId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    Id::from_bytes(bytes)
}

fn invoice(number: u64, revenue: RevenueKind, amount: Money, day: i64) -> RevenueLine {
    let occurred_at = at("2026-01-05T00:00:00Z").plus_days(day);
    RevenueLine {
        event: event(number),
        reference: format!("R-{number}"),
        kind: InvoiceKind::Invoice,
        original: None,
        counts_at: occurred_at,
        revenue,
        customer: Id::from_bytes([1; 16]),
        deal: Some(Id::from_bytes([2; 16])),
        amount,
        occurred_at,
        recorded_at: occurred_at,
    }
}

fn refund(number: u64, of: &RevenueLine, amount: Money, later: i64) -> RevenueLine {
    RevenueLine {
        event: event(number),
        kind: InvoiceKind::Refund,
        original: Some(of.event),
        amount,
        occurred_at: of.occurred_at.plus_days(later),
        ..of.clone()
    }
}

fn banded(mode: BandMode) -> Plan {
    let band = |up_to: Option<&str>, rate: &str| Band { up_to: up_to.map(euros), rate: rate.parse().unwrap() };
    let bands = vec![band(Some("100000.00"), "15%"), band(Some("500000.00"), "20%"), band(None, "25%")];
    one(
        RevenueKind::Subscription,
        How::Bands(BandTerms { bands, mode, period: Period::CalendarYear, jumps_meant: false }),
    )
}

fn one(on: RevenueKind, how: How) -> Plan {
    Plan {
        title: "Plan".to_owned(),
        description: String::new(),
        led_by: LedBy::Partner,
        collected_by: Collection::default(),
        components: vec![Component {
            title: "Commission".to_owned(),
            on,
            pays: Party::Vendor,
            tiers: Vec::new(),
            from: None,
            before: None,
            how,
        }],
    }
}

fn rated(plan: &Plan, facts: &RatingFacts) -> Rated {
    rate("plan", plan, Currency::EUR, &TimeZone::UTC, facts)
}

fn facts(lines: Vec<RevenueLine>) -> RatingFacts {
    RatingFacts { lines, ..RatingFacts::default() }
}

// covers: P4
#[test]
fn bands_pay_to_the_cent_marginal_and_on_the_whole() {
    for (revenue, marginal, whole) in [
        ("0.01", "0.00", "0.00"),
        ("0.03", "0.00", "0.00"),
        ("0.04", "0.01", "0.01"),
        ("99999.99", "15000.00", "15000.00"),
        ("100000.00", "15000.00", "15000.00"),
        ("100000.01", "15000.00", "20000.00"),
        ("100000.03", "15000.01", "20000.01"),
        ("120000.00", "19000.00", "24000.00"),
        ("500000.00", "95000.00", "100000.00"),
        ("500000.01", "95000.00", "125000.00"),
        ("500000.02", "95000.01", "125000.01"),
        ("800000.00", "170000.00", "200000.00"),
    ] {
        for (mode, expected) in [(BandMode::Marginal, marginal), (BandMode::WholeBand, whole)] {
            let line = invoice(1, RevenueKind::Subscription, euros(revenue), 0);
            let rated = rated(&banded(mode), &facts(vec![line]));
            assert_eq!(rated.total, euros(expected), "{revenue} {mode:?}");
        }
    }
}

#[test]
fn a_line_that_crosses_a_bound_says_how() {
    let lines = vec![
        invoice(1, RevenueKind::Subscription, euros("90000.00"), 0),
        invoice(2, RevenueKind::Subscription, euros("30000.00"), 1),
    ];
    let rated = rated(&banded(BandMode::Marginal), &facts(lines));
    let parts: Vec<(String, String)> =
        rated.lines[1].parts.iter().map(|p| (p.base.to_string(), p.rate.to_string())).collect();
    let expected = [("EUR 10000.00", "15%"), ("EUR 20000.00", "20%")].map(|(b, r)| (b.to_owned(), r.to_owned()));
    assert_eq!(parts, expected);
    assert_eq!(rated.lines[1].amount, euros("5500.00"));
    assert_eq!(rated.lines[1].rule, "€10,000.00 × 15% + €20,000.00 × 20%; reached in 2026: €120,000.00");
    assert_eq!(rated.lines[1].cites, "money.toml: plan.plan.component[1]");
}

#[test]
fn a_period_begins_anew_with_its_year_in_the_zone_of_the_program() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let mut late = invoice(1, RevenueKind::Subscription, euros("100000.00"), 0);
    (late.counts_at, late.occurred_at) = (at("2025-12-31T23:30:00Z"), at("2025-12-31T23:30:00Z"));
    let same = invoice(2, RevenueKind::Subscription, euros("100.00"), 3);
    let input = facts(vec![late, same]);
    let rated = |zone| rate("plan", &banded(BandMode::Marginal), Currency::EUR, zone, &input).lines[1].amount;
    assert_eq!((rated(&zone), rated(&TimeZone::UTC)), (euros("20.00"), euros("15.00")));
}

#[test]
fn what_was_used_is_paid_once_per_unit() {
    let plan = one(RevenueKind::Usage, How::Each(law::EachTerms { each: euros("1.50"), unit: "driver".to_owned() }));
    let used = |quantity: &str, settled: &str| UsageLine {
        customer: Id::from_bytes([1; 16]),
        deal: None,
        unit: "driver".to_owned(),
        from: at("2026-01-01"),
        before: at("2026-02-01"),
        quantity: quantity.parse().unwrap(),
        events: 3,
        settled: settled.parse().unwrap(),
    };
    for (quantity, settled, amount) in
        [("10", "0", "15.00"), ("12.5", "10", "3.75"), ("9", "10", "-1.50"), ("5", "5", "0.00")]
    {
        let facts = RatingFacts { usage: vec![used(quantity, settled)], ..RatingFacts::default() };
        assert_eq!(rated(&plan, &facts).total, euros(amount), "{quantity} {settled}");
    }
    assert_eq!(Quantity::whole(3).to_string(), "3");
}

/// A plan of the program that ships as the three commercial models.
fn model(key: &str) -> Plan {
    let shipped = law::shipped().iter().find(|program| program.key == "commercial-models").unwrap();
    Program::load(&shipped.files()).unwrap().plan(key).unwrap().clone()
}

/// A project at the start and three months of subscription, with what partner and vendor get: of the project, and monthly.
fn scenario(key: &str, project: &str, month: &str) -> (Rated, [String; 4]) {
    let dollars = |text: &str| format!("USD {text}").parse::<Money>().unwrap();
    let mut lines = vec![invoice(1, RevenueKind::Project, dollars(project), 0)];
    lines.extend((0..3).map(|n| invoice(2 + n, RevenueKind::Subscription, dollars(month), 10 + 31 * n as i64)));
    let rated = rate(key, &model(key), Currency::USD, &TimeZone::UTC, &facts(lines));
    let shares: Vec<[String; 2]> = rated.shares.iter().map(|s| [s.partner.amount(), s.vendor.amount()]).collect();
    assert!(shares[1..].iter().all(|monthly| *monthly == shares[1]), "every month is the same");
    let [project, monthly] = [shares[0].clone(), shares[1].clone()];
    let all = [project[0].clone(), project[1].clone(), monthly[0].clone(), monthly[1].clone()];
    (rated, all)
}

// covers: C8
#[test]
fn partner_led_the_partner_pays_for_the_factory_and_gets_a_quarter() {
    let (rated, shares) = scenario("partner_led", "100000.00", "5000.00");
    assert_eq!(shares, ["80000.00", "20000.00", "1250.00", "3750.00"]);
    let amounts: Vec<String> = rated.lines.iter().map(|line| line.amount.amount()).collect();
    assert_eq!(amounts, ["-20000.00", "1250.00", "1250.00", "1250.00"]);
}

// covers: C9
#[test]
fn vendor_led_the_partner_gets_its_fee_and_a_fifth() {
    let (rated, shares) = scenario("vendor_led", "50000.00", "3000.00");
    assert_eq!(shares, ["20000.00", "30000.00", "600.00", "2400.00"]);
    assert_eq!(rated.total.amount(), "21800.00");
}

// covers: C10
#[test]
fn joint_delivery_shares_project_and_subscriptions() {
    let (_, shares) = scenario("joint", "150000.00", "8000.00");
    assert_eq!(shares, ["90000.00", "60000.00", "2400.00", "5600.00"]);
}

#[test]
fn a_fixed_fee_is_due_once_for_each_deal_and_goes_back_with_its_invoice() {
    let plan = model("vendor_led");
    let dollars = |text: &str| format!("USD {text}").parse::<Money>().unwrap();
    let first = invoice(1, RevenueKind::Project, dollars("30000.00"), 0);
    let second = invoice(2, RevenueKind::Project, dollars("20000.00"), 1);
    let back = refund(3, &first, dollars("10000.00"), 2);
    let rated = rate("vendor_led", &plan, Currency::USD, &TimeZone::UTC, &facts(vec![first, second, back]));
    let amounts: Vec<String> = rated.lines.iter().map(|line| line.amount.amount()).collect();
    assert_eq!(amounts, ["20000.00", "-6666.67"]);
}

/// Invoices by amount and day, and refunds as parts per thousand of one of them.
fn history() -> impl Strategy<Value = (Vec<RevenueLine>, Vec<RevenueLine>)> {
    let invoices = prop::collection::vec((1i128..40_000_000, 0i64..300), 1..12);
    let refunds = prop::collection::vec((any::<prop::sample::Index>(), 1i128..=500, 0i64..40), 0..8);
    (invoices, refunds).prop_map(|(invoices, refunds)| {
        let euro = |minor| Money::new(minor, Currency::EUR);
        let invoices: Vec<RevenueLine> = (1u64..)
            .zip(invoices)
            .map(|(number, (minor, day))| invoice(number, RevenueKind::Subscription, euro(minor), day))
            .collect();
        let mut left: Vec<i128> = invoices.iter().map(|line| line.amount.minor).collect();
        let mut taken = Vec::new();
        for (number, (index, share, later)) in (1_000u64..).zip(refunds) {
            let place = index.index(invoices.len());
            let minor = left[place].min(invoices[place].amount.minor * share / 1000);
            if minor > 0 {
                left[place] -= minor;
                taken.push(refund(number, &invoices[place], euro(minor), later));
            }
        }
        (invoices, taken)
    })
}

fn prospective() -> Plan {
    banded(BandMode::Prospective)
}

/// What the lines of a plan come to, one after the other.
fn amounts(plan: &Plan, facts: &RatingFacts) -> Vec<String> {
    rated(plan, facts).lines.iter().map(|line| line.amount.amount()).collect()
}

// covers: P4
#[test]
fn the_four_modes_pay_what_their_names_say() {
    let lines = || -> Vec<RevenueLine> {
        [("90000.00", 0), ("20000.00", 20), ("10000.00", 40)]
            .into_iter()
            .zip(1..)
            .map(|((amount, day), n)| invoice(n, RevenueKind::Subscription, euros(amount), day))
            .collect()
    };
    for (mode, expected) in [
        (BandMode::Marginal, ["13500.00", "3500.00", "2000.00"]),
        (BandMode::WholeBand, ["13500.00", "8500.00", "2000.00"]),
        (BandMode::Prospective, ["13500.00", "3000.00", "2000.00"]),
        (BandMode::PriorPeriod, ["18000.00", "4000.00", "2000.00"]),
    ] {
        let before =
            Reached { revenue: RevenueKind::Subscription, period: "2025".to_owned(), amount: euros("100000.01") };
        let facts = RatingFacts { lines: lines(), reached: vec![before], ..RatingFacts::default() };
        assert_eq!(amounts(&banded(mode), &facts), expected, "{mode:?}");
    }
}

// covers: C2
#[test]
fn a_project_is_shared_by_its_size_and_the_level_of_the_partner() {
    let band = |up_to: Option<&str>, rate: &str| Band { up_to: up_to.map(euros), rate: rate.parse().unwrap() };
    let sized = |tier: &str, small: &str, large: &str| Component {
        title: format!("Share for {tier}"),
        on: RevenueKind::Project,
        pays: Party::Vendor,
        tiers: vec![tier.to_owned()],
        from: None,
        before: None,
        how: How::Bands(BandTerms {
            bands: vec![band(Some("50000.00"), small), band(None, large)],
            mode: BandMode::WholeBand,
            period: Period::Deal,
            jumps_meant: false,
        }),
    };
    let mut plan = one(RevenueKind::Project, How::Rate(law::RateTerms { rate: Rate::ZERO, of: None }));
    plan.components = vec![sized("member", "70%", "75%"), sized("gold", "75%", "80%")];
    let first = invoice(1, RevenueKind::Project, euros("40000.00"), 0);
    let other =
        RevenueLine { deal: Some(Id::from_bytes([9; 16])), ..invoice(2, RevenueKind::Project, euros("40000.00"), 1) };
    let more = invoice(3, RevenueKind::Project, euros("20000.00"), 2);
    let of = |tier: &str| RatingFacts {
        tier: Some(tier.to_owned()),
        lines: vec![first.clone(), other.clone(), more.clone()],
        ..RatingFacts::default()
    };
    assert_eq!(amounts(&plan, &of("member")), ["28000.00", "28000.00", "17000.00"]);
    assert_eq!(amounts(&plan, &of("gold")), ["30000.00", "30000.00", "18000.00"]);
    assert_eq!(amounts(&plan, &of("nobody")), Vec::<String>::new());
}

// covers: P6
#[test]
fn a_bonus_is_paid_once_a_quarter_and_goes_back_when_refunds_undo_the_target() {
    let how =
        How::Bonus(law::BonusTerms { bonus: euros("500.00"), target: euros("10000.00"), period: Period::Quarter });
    let plan = one(RevenueKind::Subscription, how);
    let lines = [("9999.99", 0), ("0.01", 30), ("5000.00", 60), ("10000.00", 90)];
    let lines: Vec<RevenueLine> = lines
        .into_iter()
        .zip(1..)
        .map(|((amount, day), n)| invoice(n, RevenueKind::Subscription, euros(amount), day))
        .collect();
    assert_eq!(amounts(&plan, &facts(lines.clone())), ["500.00", "500.00"]);
    let mut back = lines.clone();
    back.push(refund(9, &lines[2], euros("5000.00"), 1));
    assert_eq!(amounts(&plan, &facts(back.clone())), ["500.00", "500.00"], "15,000 less 5,000 is the target still");
    back.push(refund(10, &lines[0], euros("0.01"), 70));
    assert_eq!(amounts(&plan, &facts(back)), ["500.00", "-500.00", "500.00"]);
}

// covers: P6
#[test]
fn a_spiff_pays_within_its_days_only() {
    let mut plan = one(RevenueKind::Subscription, How::Rate(law::RateTerms { rate: "5%".parse().unwrap(), of: None }));
    plan.components[0].from = Some("2026-01-06".parse().unwrap());
    plan.components[0].before = Some("2026-01-08".parse().unwrap());
    let lines = (0..4).map(|day| invoice(day, RevenueKind::Subscription, euros("100.00"), day as i64)).collect();
    let rated = rated(&plan, &facts(lines));
    let days: Vec<String> = rated.lines.iter().map(|line| line.occurred_at.to_string()[..10].to_owned()).collect();
    assert_eq!(days, ["2026-01-06", "2026-01-07"]);
}

// covers: B8.1
#[test]
fn a_share_of_our_share_is_rounded_once() {
    let terms = |rate: &str| law::RateTerms { rate: rate.parse().unwrap(), of: Some("15%".parse().unwrap()) };
    for (rate, revenue, amount) in
        [("20%", "1000.00", "30.00"), ("20%", "0.17", "0.01"), ("33.333333%", "99.99", "5.00")]
    {
        let plan = one(RevenueKind::Subscription, How::Rate(terms(rate)));
        let line = invoice(1, RevenueKind::Subscription, euros(revenue), 0);
        let rated = rated(&plan, &facts(vec![line]));
        assert_eq!(rated.lines[0].amount, euros(amount), "{rate} of 15% of {revenue}");
        assert!(rated.lines[0].rule.contains("of 15% of"));
    }
}

fn modes() -> impl Strategy<Value = BandMode> {
    prop_oneof![Just(BandMode::Marginal), Just(BandMode::WholeBand)]
}

fn ladder_pays(mode: BandMode, minor: i128) -> i128 {
    let plan = banded(mode);
    let How::Bands(terms) = &plan.components[0].how else { panic!("the plan has bands") };
    Ladder::of(terms, Currency::EUR).pays(minor)
}

proptest! {
    /// I6: the total of a period follows from its revenue alone, whatever came first.
    #[test]
    fn the_total_of_a_period_does_not_depend_on_order((invoices, refunds) in history(), mode in modes(), turn in 0usize..20) {
        let mut lines: Vec<RevenueLine> = invoices.iter().chain(&refunds).cloned().collect();
        let net: i128 = lines.iter().map(|line| line.signed().minor).sum();
        let total = rated(&banded(mode), &facts(lines.clone())).total;
        prop_assert_eq!(total.minor, ladder_pays(mode, net));
        let places = lines.len();
        lines.rotate_left(turn % places);
        lines.reverse();
        prop_assert_eq!(rated(&banded(mode), &facts(lines)).total, total);
    }

    /// I7: whatever parts an invoice is refunded in, once all of it is back nothing is left of what it earned.
    #[test]
    fn a_full_refund_leaves_nothing(minor in 2i128..90_000_000, cuts in prop::collection::vec(1i128..1000, 0..6), mode in modes()) {
        let target = Money::new(minor / 2, Currency::EUR);
        let bonus = law::BonusTerms { bonus: euros("100.00"), target, period: Period::Month };
        let derived = law::RateTerms { rate: "33.3%".parse().unwrap(), of: Some("15%".parse().unwrap()) };
        let plans = [
            banded(mode),
            prospective(),
            banded(BandMode::PriorPeriod),
            one(RevenueKind::Subscription, How::Bonus(bonus)),
            one(RevenueKind::Subscription, How::Rate(derived)),
            one(RevenueKind::Subscription, How::Rate(law::RateTerms { rate: "12.345%".parse().unwrap(), of: None })),
            one(RevenueKind::Subscription, How::Fixed(law::FixedTerms { fixed: euros("333.33"), per: law::Per::Deal })),
        ];
        for plan in &plans {
            let bill = invoice(1, RevenueKind::Subscription, Money::new(minor, Currency::EUR), 0);
            let mut lines = vec![bill.clone()];
            let mut left = minor;
            for (number, cut) in (10u64..).zip(&cuts) {
                let part = (minor * cut / 4000).min(left);
                if part > 0 {
                    left -= part;
                    lines.push(refund(number, &bill, Money::new(part, Currency::EUR), number as i64));
                }
            }
            if left > 0 {
                lines.push(refund(99, &bill, Money::new(left, Currency::EUR), 99));
            }
            prop_assert_eq!(rated(plan, &facts(lines)).total.minor, 0);
        }
    }

    /// Parts of a line times their rates are what it pays, up to its rounding and that of the line before.
    #[test]
    fn the_parts_of_a_line_explain_its_amount((invoices, refunds) in history(), mode in modes()) {
        let lines: Vec<RevenueLine> = invoices.into_iter().chain(refunds).collect();
        for line in rated(&banded(mode), &facts(lines)).lines {
            let exact: i128 = line.parts.iter().map(|part| part.base.minor * part.rate.scaled).sum();
            let off = exact - line.amount.minor * 100_000_000;
            prop_assert!(off.abs() <= 100_000_000, "{line:?}");
        }
    }

    /// I16: more revenue never pays less.
    #[test]
    fn commission_grows_with_revenue(base in 0i128..200_000_000, more in 0i128..50_000_000, mode in modes()) {
        prop_assert!(ladder_pays(mode, base + more) >= ladder_pays(mode, base));
    }

    /// Partner and vendor share what the customer paid, without a cent lost.
    #[test]
    fn shares_add_up_to_the_revenue((invoices, refunds) in history()) {
        let lines: Vec<RevenueLine> = invoices.into_iter().chain(refunds).collect();
        for share in rated(&banded(BandMode::Marginal), &facts(lines)).shares {
            prop_assert_eq!(share.partner.minor + share.vendor.minor, share.revenue.minor);
        }
    }
}
