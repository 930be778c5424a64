//! How the rows of a view are shown to those outside.

use kernel::{Note, Projection, Shape};
use runtime::Failure;

use crate::{
    moment,
    rows::{Members, quote},
};

/// How rows are shown: which fields nobody sees, and which are written for people.
///
/// A row is stored as what a decision left behind; its moments are numbers there, and its
/// tokens are what opens a door to a stranger.
pub struct Plan {
    hidden: Vec<&'static str>,
    moments: Vec<&'static str>,
}

impl Plan {
    /// Of the rows of a view.
    pub fn of(view: &Projection) -> Self {
        let mut plan = Self::of_note(view.row);
        plan.hidden.extend(view.door);
        // The number of a row stands there already.
        plan.hidden.push("id");
        plan
    }

    /// Of any message.
    pub fn of_note(note: &Note) -> Self {
        let secret = |kind: &str| matches!(kind, "Token" | "Option<Token>");
        let fields = note.fields.iter();
        Self {
            hidden: fields.clone().filter(|it| secret(it.kind)).map(|it| it.name).collect(),
            moments: fields.filter(|it| is_moment(&it.shape)).map(|it| it.name).collect(),
        }
    }

    /// Whether a field is shown.
    pub fn shows(&self, field: &str) -> bool {
        !self.hidden.contains(&field)
    }

    /// Writes the members of a row, each after a comma.
    ///
    /// # Errors
    ///
    /// When what is stored is no JSON object.
    pub fn write(&self, row: &[u8], into: &mut String) -> Result<(), Failure> {
        let members = Members::of(row).map_err(|it| Failure::fault(format!("a row: {it}")))?;
        for (name, raw) in &members.0 {
            if !self.shows(name) {
                continue;
            }
            into.push(',');
            quote(name, into);
            into.push(':');
            let moment = self.moments.contains(&&**name).then(|| raw.get().parse().ok());
            match moment.flatten() {
                Some(ms) => quote(&moment::rfc3339(ms), into),
                None => into.push_str(raw.get()),
            }
        }
        Ok(())
    }
}

/// What may stand there, if anything does.
pub fn bare(mut shape: &'static Shape) -> &'static Shape {
    while let Shape::Maybe(inner) = shape {
        shape = inner;
    }
    shape
}

fn is_moment(shape: &'static Shape) -> bool {
    matches!(bare(shape), Shape::Moment)
}

#[cfg(test)]
mod tests {
    use super::Plan;

    #[test]
    fn moments_are_written_for_people_and_secrets_not_at_all() {
        let plan = Plan { hidden: vec!["token"], moments: vec!["at", "never"] };
        let row = br#"{"name":"\uae40","at":0,"never":null,"token":"t","n":{"a":[1, 2]}}"#;
        let mut written = String::new();
        plan.write(row, &mut written).unwrap();
        let moment = r#","at":"1970-01-01T09:00:00.000+09:00","never":null"#;
        let expected = format!(r#","name":"\uae40"{moment},"n":{{"a":[1, 2]}}"#);
        assert_eq!(written, expected);
    }
}
