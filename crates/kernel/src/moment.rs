//! Moments as people write them: in the time of Seoul, which has no summer time.

const DAY: i64 = 24 * 60 * 60 * 1000;
const SEOUL: i64 = 9 * 60 * 60 * 1000;

/// `2025-11-20T14:30:00.000+09:00`
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    let (date, time) = civil(ms);
    let (hour, minute) = (time / 3_600_000, time / 60_000 % 60);
    let (second, thousandth) = (time / 1000 % 60, time % 1000);
    format!("{date}T{hour:02}:{minute:02}:{second:02}.{thousandth:03}+09:00")
}

/// `2025-11-20 14:30`
#[must_use]
pub fn short(ms: i64) -> String {
    let (date, time) = civil(ms);
    format!("{date} {:02}:{:02}", time / 3_600_000, time / 60_000 % 60)
}

/// A moment as RFC 3339 writes it, with any offset; in milliseconds.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let (part, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?),
        None => ("0", rest),
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_date = (1..=12).contains(&month) && (1..=last).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 || part.is_empty() {
        return None;
    }
    let thousandths: String = part.chars().chain("00".chars()).take(3).collect();
    let time = ((hour * 60 + minute) * 60 + second) * 1000 + thousandths.parse::<i64>().ok()?;
    Some(days(year, month, day) * DAY + time - offset(zone)?)
}

fn offset(zone: &str) -> Option<i64> {
    let minutes = |text: &str| {
        let [hour, minute] = numbers(text, ':', [2, 2])?;
        (hour <= 23 && minute <= 59).then_some((hour * 60 + minute) * 60_000)
    };
    match zone.split_at_checked(1)? {
        ("Z" | "z", "") => Some(0),
        // A plus in a query stands for a space, unless somebody has taken care.
        ("+" | " ", ahead) => minutes(ahead),
        ("-", behind) => minutes(behind).map(|it| -it),
        _ => None,
    }
}

fn numbers<const N: usize>(text: &str, between: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(between);
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// The date in Seoul, and the milliseconds since its midnight.
fn civil(ms: i64) -> (String, i64) {
    let local = ms.saturating_add(SEOUL);
    let (year, month, day) = date(local.div_euclid(DAY));
    (format!("{year:04}-{month:02}-{day:02}"), local.rem_euclid(DAY))
}

/// A year as people count it, of eras of 400 years that begin in March.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{DAY, date, days, parse, rfc3339, short};

    #[test]
    fn the_beginning_of_time_was_nine_in_the_morning() {
        assert_eq!(rfc3339(0), "1970-01-01T09:00:00.000+09:00");
        assert_eq!(short(0), "1970-01-01 09:00");
        assert_eq!(rfc3339(-1), "1970-01-01T08:59:59.999+09:00");
        assert_eq!(rfc3339(1_763_616_600_123), "2025-11-20T14:30:00.123+09:00");
        assert_eq!(short(1_763_616_600_123), "2025-11-20 14:30");
    }

    #[test]
    fn every_day_of_nine_centuries_comes_back() {
        for day in -170_000..170_000 {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
        }
        assert_eq!(date(days(2000, 2, 29) + 1), (2000, 3, 1));
        assert_eq!(date(days(1900, 2, 28) + 1), (1900, 3, 1));
        assert_eq!(days(1970, 1, 2) * DAY, DAY);
    }

    #[test]
    fn what_is_written_is_read() {
        for ms in [0, -1, 1, 1_763_616_600_123, 951_782_400_000] {
            assert_eq!(parse(&rfc3339(ms)), Some(ms));
        }
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("1970-01-01T00:00:00.5Z"), Some(500));
        assert_eq!(parse("1969-12-31T20:00:00-04:00"), Some(0));
        assert_eq!(parse("1970-01-01 09:00:00 09:00"), Some(0));
    }

    #[test]
    fn what_is_no_moment_is_nothing() {
        let strange = ["", "yesterday", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z"];
        let cut = ["2025-11-20", "2025-11-20T14:30:00", "2025-11-20T24:00:00Z", "2025-11-20T1:30Z"];
        for text in strange.into_iter().chain(cut).chain(["가나다라마바사아자차카타파하"])
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
