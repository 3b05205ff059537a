//! The one table, as Markdown whose columns also line up in a terminal.

/// A line of figures: one per server, `None` where there is nothing to say.
pub(crate) struct Row {
    /// Which load; shown when it differs from the row above.
    pub(crate) group: String,
    pub(crate) what: &'static str,
    /// In the order of the columns; the first is what the others are divided by.
    pub(crate) values: Vec<Option<f64>>,
    /// Whether a ratio to the first column means anything here.
    pub(crate) ratio: bool,
}

/// Writes the table, without the rows that say nothing; `names` are the columns, and behind every one but the first stands its ratio to it.
pub(crate) fn render(names: &[&str], rows: &[Row]) -> String {
    let mut lines = vec![header(names)];
    let mut group = "";
    for row in rows.iter().filter(|row| row.values.iter().any(Option::is_some)) {
        let shown = if row.group == group {
            ""
        } else {
            row.group.as_str()
        };
        group = &row.group;
        lines.push(cells(shown, row));
    }
    align(&lines)
}

/// A figure with three significant digits, at least whole.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => "–".to_owned(),
        size if size >= 1000.0 => thousands(value.round() as u64),
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A whole number with commas.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `value` as a multiple of `base`; `None` when there is nothing to divide by.
pub(crate) fn ratio(value: Option<f64>, base: Option<f64>) -> Option<f64> {
    let (value, base) = value.zip(base)?;
    let ratio = value / base;
    (base > 0.0 && ratio.is_finite()).then_some(ratio)
}

fn header(names: &[&str]) -> Vec<String> {
    let mut line = vec!["load".to_owned(), "what".to_owned()];
    for (column, name) in names.iter().enumerate() {
        line.push((*name).to_owned());
        if column > 0 {
            line.push(format!("÷ {}", names[0]));
        }
    }
    line
}

fn cells(group: &str, row: &Row) -> Vec<String> {
    let mut line = vec![group.to_owned(), row.what.to_owned()];
    let base = row.values.first().copied().flatten();
    for (column, value) in row.values.iter().enumerate() {
        line.push(value.map_or("–".to_owned(), figure));
        if column > 0 {
            let shown = ratio(*value, base).filter(|_| row.ratio);
            line.push(shown.map_or(String::new(), |ratio| format!("{}×", figure(ratio))));
        }
    }
    line
}

/// Text to the left, figures to the right.
fn align(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            let padded = if column < 2 {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            };
            out += &format!("| {padded} ");
        }
        out += "|\n";
        if number == 0 {
            for (column, &width) in widths.iter().enumerate() {
                let (rule, end) = ("-".repeat(width + 1), if column < 2 { "-" } else { ":" });
                out += &format!("|{rule}{end}");
            }
            out += "|\n";
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_never_an_exponent() {
        for (value, shown) in [
            (0.0, "0.00"),
            (0.534, "0.53"),
            (9.99, "9.99"),
            (9.996, "10.0"),
            (99.94, "99.9"),
            (99.96, "100"),
            (999.4, "999"),
            (20_000.0, "20,000"),
            (1_234_567.0, "1,234,567"),
            (f64::NAN, "–"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(figure(value), shown);
        }
    }

    #[test]
    fn a_ratio_needs_something_to_divide_by() {
        assert_eq!(ratio(Some(8.0), Some(4.0)), Some(2.0));
        assert_eq!(ratio(Some(8.0), Some(0.0)), None);
        assert_eq!(ratio(Some(8.0), None), None);
        assert_eq!(ratio(None, Some(4.0)), None);
        assert_eq!(ratio(Some(f64::NAN), Some(4.0)), None);
    }

    #[test]
    fn every_ratio_stands_behind_its_own_column() {
        let row = |group: &str, what, values: [Option<f64>; 3], ratio| Row {
            group: group.to_owned(),
            what,
            values: values.to_vec(),
            ratio,
        };
        let rows = [
            row("20/s", "CPU", [Some(5.0), Some(7.5), Some(10.0)], true),
            row("20/s", "posts/s", [Some(20.0), Some(20.0), None], false),
            row("20/s", "flushes", [None; 3], false),
            row("idle", "KiB", [None, Some(8.0), Some(4.0)], true),
        ];
        let shown = render(&["Bun", "Madang", "Node"], &rows);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines,
            [
                "| load | what    |  Bun | Madang | ÷ Bun | Node | ÷ Bun |",
                "|------|---------|-----:|-------:|------:|-----:|------:|",
                "| 20/s | CPU     | 5.00 |   7.50 | 1.50× | 10.0 | 2.00× |",
                "|      | posts/s | 20.0 |   20.0 |       |    – |       |",
                "| idle | KiB     |    – |   8.00 |       | 4.00 |       |",
            ]
        );
    }
}
