//! The language a caller wants to be answered in.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};
use kernel::Tongue;

/// Korean, unless English is wanted more.
pub fn of(headers: &HeaderMap) -> Tongue {
    let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let (mut korean, mut english) = (None, None);
    for (tag, weight) in weighted(wanted) {
        let language = match tag.split('-').next().map(str::to_ascii_lowercase).as_deref() {
            Some("ko") => &mut korean,
            Some("en") => &mut english,
            _ => continue,
        };
        *language = (*language).max(Some(weight));
    }
    match (korean.unwrap_or(0), english.unwrap_or(0)) {
        (korean, english) if english > korean => Tongue::English,
        (_, english) if korean.is_none() && english > 0 => Tongue::English,
        _ => Tongue::Korean,
    }
}

/// The tag for what was said in it.
pub fn tag(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::Korean => "ko",
        Tongue::English => "en",
    }
}

/// What a list of preferences names, each with its weight in thousandths.
pub fn weighted(list: &str) -> impl Iterator<Item = (&str, u32)> {
    list.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let weight = parts.find_map(|it| it.strip_prefix("q=")).unwrap_or("1");
        Some((name, thousandths(weight)))
    })
}

fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole, part.parse::<u32>()) {
        ("0", Ok(part)) => part,
        ("1", Ok(_)) => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, Tongue, of};

    #[test]
    fn english_only_where_it_is_wanted_more() {
        let tongue = |wanted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("accept-language", wanted.parse().unwrap());
            of(&headers)
        };
        assert_eq!(of(&HeaderMap::new()), Tongue::Korean);
        assert_eq!(tongue("en"), Tongue::English);
        assert_eq!(tongue("en-GB,en;q=0.9,ko;q=0.8"), Tongue::English);
        assert_eq!(tongue("ko-KR,ko;q=0.9,en;q=0.8"), Tongue::Korean);
        assert_eq!(tongue("en;q=0.2, ko;q=0.7"), Tongue::Korean);
        assert_eq!(tongue("fr, *"), Tongue::Korean);
        assert_eq!(tongue("en;q=0"), Tongue::Korean);
    }
}
