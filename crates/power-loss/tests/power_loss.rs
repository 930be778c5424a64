//! A few trials of every kind; `cargo run --release -p power-loss` has more.

use power_loss::{Report, business, errors, full, power};

#[test]
fn when_the_power_fails_nothing_that_was_acknowledged_is_lost() {
    let report = good(power::run(0..20, true));
    assert_eq!((report.lost, report.split, report.corrupt), (0, 0, 0), "{report}");
    // The disk was not kind.
    for hardship in ["during a checkpoint", "sectors dropped", "sectors torn"] {
        assert!(report.figure(hardship) > 0, "{report}");
    }
}

#[test]
fn without_waiting_for_the_disk_commits_are_lost_and_never_in_part() {
    let report = good(power::run(0..12, false));
    assert!(report.lost > 0, "{report}");
    assert_eq!((report.split, report.corrupt), (0, 0), "{report}");
}

#[test]
fn a_database_that_was_only_being_made_is_in_nobodys_way() {
    let report = good(power::making(4));
    assert!(report.figure("power losses") > 100, "{report}");
}

#[test]
fn after_an_error_of_the_disk_nothing_is_written_and_nothing_is_lost() {
    let report = good(errors::run(400, 10));
    assert!(report.figure("told that it is broken") > 0, "{report}");
}

#[test]
fn without_room_nothing_changes_and_with_room_it_goes_on() {
    let report = good(full::run(400, 20));
    assert!(report.figure("told that it is full") > 0, "{report}");
}

#[test]
fn when_the_power_fails_in_the_middle_of_a_working_day_the_ledger_adds_up() {
    let report = good(business::run(0..8));
    assert!(report.figure("repairs acknowledged") > 0, "{report}");
}

fn good(report: Report) -> Report {
    assert!(report.is_good(), "{report}");
    report
}
