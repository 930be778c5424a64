//! A board with loose ends says each of them in a sentence.

use kernel::{
    Aggregate, Board, Context, Evolve, Id, Message, Question, Recorded, Refuse, Sentence, System,
    To, View,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub enum Cup {}
type CupId = Id<Cup>;

/// Pour.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CupId)]
struct Pour {}

/// Drink.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CupId)]
struct Drink {}

/// It was poured.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CupId)]
struct Poured {}

/// The table was laid.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CupId)]
struct TableLaid {}

/// Is there water?
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CupId)]
struct WaterLeft {}

/// A cup as it is shown.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[of(CupId)]
struct CupRow {
    full: bool,
}

#[derive(Default, Serialize, Deserialize)]
struct Tea;

#[derive(Debug, Error)]
#[error("no")]
struct No;

#[test]
fn a_board_that_fits_together_has_no_loose_ends() {
    let tea = Aggregate::<Tea, CupId>::named("cup").at("cups").decide(pour).post();
    let room =
        Context::named("room").aggregate(tea).view(View::<CupRow>::named("cups").shows::<Poured>());
    assert_eq!(ends(vec![room]), Vec::<String>::new());
}

#[test]
fn every_loose_end_is_named() {
    let tea = Aggregate::<Tea, CupId>::named("cup").decide(pour).post().decide_knowing(ask, drink);
    let views = View::<CupRow>::named("cups").shows::<Poured>().indexed("empty", |_| 1.into());
    let room = Context::named("room")
        .policy(pour_when_the_table_is_laid)
        .aggregate(tea)
        .view(views.found("size", "size"));
    let kitchen = Context::named("kitchen").policy(drink_what_was_poured);
    assert_eq!(
        ends(vec![room, kitchen]),
        [
            "TableLaid never happens",
            "WaterLeft is asked of well, who is not here",
            "Pour has a verb but cup has no path",
            "nobody can give Drink",
            "cups has no field empty",
            "cups is not listed by size",
            "kitchen wants Drink but does not decide it",
        ]
    );
}

#[test]
fn two_of_the_same_name_are_a_loose_end() {
    let cups = || Aggregate::<Tea, CupId>::named("cup").at("cups").decide(pour).post();
    let rooms =
        vec![Context::named("room").aggregate(cups()), Context::named("room").aggregate(cups())];
    let ends = ends(rooms);
    for twice in ["room is a context twice", "Pour is decided twice", "cup is guarded twice"] {
        assert!(ends.iter().any(|end| end == twice), "{twice}: {ends:?}");
    }
}

fn ends(contexts: Vec<Context>) -> Vec<String> {
    let title = Sentence::new("찻집", "Tea house");
    Board::of(&System { name: "tea", folder: "tea", title, contexts }).loose_ends()
}

fn pour(_: &Tea, _: Pour) -> Poured {
    Poured {}
}

#[expect(clippy::unnecessary_wraps, reason = "a question may refuse; this one never does")]
fn ask(_: &Tea, _: &Drink) -> Result<To<WaterLeft>, No> {
    Ok(To(CupId::new(1), WaterLeft {}))
}

fn drink(_: &Tea, _: Drink, left: bool) -> Option<Poured> {
    left.then_some(Poured {})
}

fn pour_when_the_table_is_laid(it: &Recorded<TableLaid>) -> To<Pour> {
    To(it.of, Pour {})
}

fn drink_what_was_poured(it: &Recorded<Poured>) -> To<Drink> {
    To(it.of, Drink {})
}

impl Question for WaterLeft {
    type Answer = bool;
    const OF: &'static str = "well";
}

impl Refuse for No {
    fn in_korean(&self) -> String {
        "아니요".into()
    }
}

impl Evolve<Poured> for Tea {
    fn evolve(&mut self, _: &Recorded<Poured>) {}
}

impl Evolve<Poured> for CupRow {
    fn evolve(&mut self, _: &Recorded<Poured>) {
        self.full = true;
    }
}
