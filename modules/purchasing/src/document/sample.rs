//! Sample orders for tests, pictures and the demonstration: fictitious, and their sums are right.

use time::macros::datetime;

use super::{Approval, Banner, Company, Entry, Labels, Line, OrderDocument, Party};

/// Description, article number, unit, price in cents, discount in percent.
const ARTICLES: [(&str, &str, &str, u64, u64); 6] = [
    ("Hydraulic pump P40, 210 bar, flange mounted", "HP-40-210-F", "pcs", 124_900, 0),
    ("Filter element for return line, 10 \u{3BC}m glass fibre", "FE-R-010", "pcs", 3_845, 5),
    ("Assembly and commissioning on site by two engineers; starts on written notice", "SRV-ASM-2", "h", 9_600, 0),
    ("Hydraulic oil HLP 46, drum of 205 l", "OIL-HLP46-205", "drum", 61_250, 10),
    ("Pressure sensor 0\u{2013}400 bar, 4\u{2013}20 mA, M12 connector", "PS-400-M12", "pcs", 18_790, 0),
    ("Hose assembly DN 16, 2SN, 1\u{202F}200 mm", "HA-16-2SN-1200", "pcs", 4_215, 5),
];

/// An approved order with this many lines.
pub fn sample(lines: usize) -> OrderDocument {
    let (lines, net_cents) = order_lines(lines);
    let tax_cents = (net_cents * 19 + 50) / 100;
    OrderDocument {
        company: company(),
        supplier: supplier(),
        number: "PO-2026-00481".into(),
        revision: "2".into(),
        date: "23 November 2026".into(),
        currency: "EUR".into(),
        delivery: delivery(),
        delivery_date: "15 January 2027".into(),
        terms: vec![
            Entry::new("Payment", "30 days net, 2 % within 10 days"),
            Entry::new("Delivery terms", "DAP Bremen\nIncoterms 2020"),
            Entry::new("Your offer", "Q-88213\n9 November 2026"),
            Entry::new("Buyer", "Anna Petersen\n+49 421 555 0132"),
        ],
        lines,
        totals: vec![
            Entry::new("Net total", money(net_cents)),
            Entry::new("VAT 19 %", money(tax_cents)),
            Entry::new("Total EUR", money(net_cents + tax_cents)),
        ],
        rounding: "All amounts in EUR, rounded per line, half-up.".into(),
        exchange_rate: None,
        note: Some("Please confirm the order and the delivery date within three working days, and state our order number on the \
                    delivery note and on the invoice.".into()),
        approvals: approvals(),
        banner: None,
        created_at: datetime!(2026-11-23 14:05:00 UTC),
        labels: Labels::default(),
    }
}

/// The same order before it was approved.
pub fn sample_draft(lines: usize) -> OrderDocument {
    OrderDocument {
        approvals: Vec::new(),
        banner: Some(Banner { text: "DRAFT \u{2013} not approved, not an order".into(), stamp: "DRAFT".into() }),
        ..sample(lines)
    }
}

/// An order with texts in scripts that need a fallback font, and with a company colour and an exchange rate.
pub fn sample_scripts() -> OrderDocument {
    let mut order = sample(4);
    let descriptions = [
        "\u{6CB9}\u{5727}\u{30DD}\u{30F3}\u{30D7} P40\u{FF0C}210 bar\u{3001}\u{30D5}\u{30E9}\u{30F3}\u{30B8}\u{53D6}\u{4ED8}\u{578B}\u{3001}\u{5C4A}\u{5148}\u{306F}\u{6771}\u{4EAC}\u{3067}\u{3059}\u{3002}",
        "\u{5DE}\u{5E9}\u{5D0}\u{5D1}\u{5D4} \u{5D4}\u{5D9}\u{5D3}\u{5E8}\u{5D0}\u{5D5}\u{5DC}\u{5D9}\u{5EA} P40 (210 bar)",
        "\u{413}\u{438}\u{434}\u{440}\u{430}\u{432}\u{43B}\u{438}\u{447}\u{435}\u{441}\u{43A}\u{438}\u{439} \u{43D}\u{430}\u{441}\u{43E}\u{441} P40, 210 \u{431}\u{430}\u{440}",
        "\u{3A5}\u{3B4}\u{3C1}\u{3B1}\u{3C5}\u{3BB}\u{3B9}\u{3BA}\u{3AE} \u{3B1}\u{3BD}\u{3C4}\u{3BB}\u{3AF}\u{3B1} P40 \u{2212} 5 \u{20B9} 4 \u{20BA}",
    ];
    for (line, description) in order.lines.iter_mut().zip(descriptions) {
        description.clone_into(&mut line.description);
    }
    order.supplier.name = "\u{6771}\u{4EAC}\u{6CB9}\u{5727}\u{682A}\u{5F0F}\u{4F1A}\u{793E}".into();
    order.exchange_rate = Some("1 EUR = 174.2050 JPY, reference rate of 20 November 2026.".into());
    order.company.accent = Some([0x7A, 0x1F, 0x3D]);
    order
}

fn company() -> Company {
    Company {
        name: "Nordwind Maschinenbau GmbH".into(),
        address: vec!["\u{DC}berseetor 14".into(), "28217 Bremen, Germany".into()],
        ids: vec!["VAT ID DE 812 345 678".into(), "HRB 31415, Amtsgericht Bremen".into()],
        email: "purchasing@nordwind.example".into(),
        accent: None,
    }
}

fn supplier() -> Party {
    Party {
        name: "Hydraulika \u{141}\u{F3}d\u{17A} Sp. z o.o.".into(),
        address: vec!["ul. Pi\u{142}sudskiego 141".into(), "92-318 \u{141}\u{F3}d\u{17A}".into(), "Poland".into()],
        details: vec!["VAT ID PL 725 180 16 30".into(), "orders@hydraulika.example".into()],
    }
}

fn delivery() -> Party {
    Party {
        name: "Nordwind Maschinenbau GmbH".into(),
        address: vec!["Plant 2, gate 4".into(), "Hafenstra\u{DF}e 88".into(), "28217 Bremen, Germany".into()],
        details: vec!["Goods in: Mon\u{2013}Fri 7:00\u{2013}15:30".into()],
    }
}

fn approvals() -> Vec<Approval> {
    let approval = |who: &str, role: &str, when: &str, comment: &str| Approval {
        who: who.into(),
        role: role.into(),
        decision: "Approved".into(),
        when: when.into(),
        comment: comment.into(),
    };
    vec![
        approval("Miriam Okafor", "Cost centre 4100", "21 Nov 2026, 09:12", ""),
        approval(
            "Dimitris \u{3A0}\u{3B1}\u{3C0}\u{3B1}\u{3B4}\u{3AC}\u{3BA}\u{3B7}\u{3C2}",
            "Head of production",
            "23 Nov 2026, 08:47",
            "Needed before the winter shutdown. Freight is covered by the frame contract.",
        ),
        approval("Jens Albers", "Finance, above 10,000", "23 Nov 2026, 14:02", "Within budget."),
    ]
}

/// The lines and the sum of their net amounts in cents.
fn order_lines(count: usize) -> (Vec<Line>, u64) {
    let mut sum_cents = 0;
    let lines = (1_u64..).take(count).zip(ARTICLES.iter().cycle());
    let lines = lines.map(|(position, (description, sku, unit, price_cents, discount))| {
        let quantity = 1 + position * 7 % 24;
        let net_cents = (quantity * price_cents * (100 - discount) + 50) / 100;
        sum_cents += net_cents;
        Line {
            position: position.to_string(),
            description: (*description).into(),
            sku: (*sku).into(),
            quantity: quantity.to_string(),
            unit: (*unit).into(),
            unit_price: money(*price_cents),
            discount: if *discount == 0 { String::new() } else { format!("{discount} %") },
            tax: "19 %".into(),
            net: money(net_cents),
        }
    });
    (lines.collect(), sum_cents)
}

/// Cents as "1,234,567.89".
fn money(cents: u64) -> String {
    let whole = (cents / 100).to_string();
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}.{:02}", cents % 100)
}
