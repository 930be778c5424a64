//! One value of a body, held against what may stand there.

use std::borrow::Cow;

use kernel::Shape;
use serde_json::{Value, json, value::RawValue};

use crate::moment;

/// Which rule a value breaks: its name, the sentences, the particulars.
pub struct Broken {
    pub rule: &'static str,
    pub ko: String,
    pub en: String,
    pub more: Vec<(&'static str, Value)>,
}

type Checked<'a> = Result<Cow<'a, str>, Broken>;

/// The value as it is always written, if it may stand there.
pub fn check<'a>(shape: &Shape, raw: &'a RawValue) -> Checked<'a> {
    match shape {
        Shape::Text { min, max, .. } => text(raw, *min, *max),
        Shape::Whole { min, max } => whole(raw, *min, *max),
        Shape::OneOf(words) => one_of(raw, words),
        Shape::Truth if matches!(raw.get(), "true" | "false") => Ok(raw.get().into()),
        Shape::Truth => Err(wrong_type("true 또는 false", "true or false")),
        Shape::Moment => moment(raw),
        Shape::Maybe(_) if raw.get() == "null" => Ok(raw.get().into()),
        Shape::Maybe(inner) => check(inner, raw),
        Shape::Many(inner) => many(raw, inner),
        // It is not described further; whoever reads it will know.
        Shape::Thing => Ok(raw.get().into()),
    }
}

fn text(raw: &RawValue, min: usize, max: usize) -> Checked<'_> {
    let Some(text) = read_text(raw) else { return Err(wrong_type("텍스트", "a text")) };
    let length = text.chars().count();
    if text.chars().any(|it| it.is_control() && it != '\n') {
        let (ko, en) = ("제어 문자를 쓸 수 없어요.", "must not contain control characters.");
        return Err(broken("control-characters", ko, en));
    }
    if length < min {
        let (ko, en) =
            (format!("{min}자 이상이어야 해요."), format!("must have at least {min} characters."));
        return Err(broken("min-length", ko, en).with("min", min));
    }
    if length > max {
        let (ko, en) =
            (format!("{max}자까지 쓸 수 있어요."), format!("must have at most {max} characters."));
        return Err(broken("max-length", ko, en).with("max", max));
    }
    Ok(raw.get().into())
}

/// As a number, or as text of digits, and as nothing else.
fn whole(raw: &RawValue, min: i64, max: i64) -> Checked<'_> {
    let text = read_text(raw);
    let digits = text.as_deref().unwrap_or(raw.get());
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|it| it.is_ascii_digit()) {
        return Err(wrong_type("정수", "a whole number"));
    }
    match digits.parse::<i64>() {
        Ok(number) if (min..=max).contains(&number) => Ok(number.to_string().into()),
        Ok(number) if number < min => Err(too_little(min)),
        Err(_) if digits.starts_with('-') => Err(too_little(min)),
        _ => {
            let (ko, en) = (format!("{max} 이하여야 해요."), format!("must be at most {max}."));
            Err(broken("max", ko, en).with("max", max))
        }
    }
}

fn too_little(min: i64) -> Broken {
    let (ko, en) = (format!("{min} 이상이어야 해요."), format!("must be at least {min}."));
    broken("min", ko, en).with("min", min)
}

fn one_of<'a>(raw: &'a RawValue, words: &[&str]) -> Checked<'a> {
    match read_text(raw) {
        Some(text) if words.contains(&text.as_str()) => Ok(raw.get().into()),
        _ => {
            let names = words.join(", ");
            let (ko, en) = (format!("쓸 수 있는 값: {names}."), format!("must be one of {names}."));
            Err(broken("one-of", ko, en).with("allowed", words))
        }
    }
}

fn moment(raw: &RawValue) -> Checked<'_> {
    match read_text(raw) {
        Some(text) => moment::parse(&text).map(|ms| ms.to_string().into()),
        None => raw.get().parse::<i64>().ok().map(|_| raw.get().into()),
    }
    .ok_or_else(|| wrong_type("RFC 3339 시각", "a moment as RFC 3339 has it"))
}

fn many<'a>(raw: &'a RawValue, inner: &Shape) -> Checked<'a> {
    let Ok(all) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        return Err(wrong_type("목록", "a list"));
    };
    let mut written = Vec::with_capacity(all.len());
    for (index, one) in all.iter().enumerate() {
        match check(inner, one) {
            Ok(text) => written.push(text),
            Err(broken) => {
                let place = index + 1;
                let (ko, en) = (&broken.ko, &broken.en);
                let (ko, en) = (format!("{place}번째: {ko}"), format!("number {place} {en}"));
                return Err(Broken { ko, en, ..broken });
            }
        }
    }
    Ok(format!("[{}]", written.join(",")).into())
}

fn read_text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

fn wrong_type(ko: &str, en: &str) -> Broken {
    let (ko, en) = (format!("{ko} 형식이어야 해요."), format!("must be {en}."));
    broken("type", ko, en)
}

fn broken(rule: &'static str, ko: impl Into<String>, en: impl Into<String>) -> Broken {
    Broken { rule, ko: ko.into(), en: en.into(), more: Vec::new() }
}

impl Broken {
    fn with(mut self, name: &'static str, value: impl serde::Serialize) -> Self {
        self.more.push((name, json!(value)));
        self
    }
}
