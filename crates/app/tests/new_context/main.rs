//! A new context is one folder and one line: the folder is `survey`, the line
//! is in [`grown`]. Everything else follows from the declaration.

mod survey;

use std::sync::Arc;

use kernel::{Board, System};
use rehearsal::{Provider, Rehearsal};
use rest::openapi;
use runtime::store::{Layout, Store};
use serde_json::{Value, json};
use store_sqlite::{Options, SqliteStore};

type Test = Result<(), Box<dyn std::error::Error>>;

fn grown() -> System {
    let mut system = appliance_repair::system();
    system.contexts.push(survey::context());
    system
}

#[tokio::test(start_paused = true)]
async fn it_runs_with_the_others() -> Test {
    let centre = Rehearsal::of(grown, provider())?;
    repair_one(&centre).await?;
    assert_eq!(centre.history("survey"), ["SurveySent"]);
    centre.done("홍길동", "AnswerSurvey", "1", json!({ "stars": 5 })).await?;
    assert_eq!(centre.row("surveys", 1).ok_or("no row")?["stars"], 5);
    let again = centre.done("홍길동", "AnswerSurvey", "1", json!({ "stars": 1 })).await;
    assert_eq!(again.unwrap_err(), "this survey is already answered");
    let told = |entry: &&runtime::Entry| entry.context == "survey";
    let ledger = centre.ledger();
    let entry = ledger.iter().find(told).ok_or("not in the ledger")?;
    assert_eq!((&*entry.subscription, entry.done), ("Paid -> SendSurvey", 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_is_told_of_what_happened_before_it_was_there() -> Test {
    let layout =
        Layout::of(&grown(), &grown().contexts.iter().map(|it| it.name).collect::<Vec<_>>());
    let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory(layout)?);
    let before = Rehearsal::over(appliance_repair::system, Arc::clone(&store), provider())?;
    repair_one(&before).await?;
    drop(before);
    let after = Rehearsal::over(grown, store, provider())?;
    after.quiet().await;
    assert_eq!(after.history("survey"), ["SurveySent"]);
    Ok(())
}

#[test]
fn it_is_drawn_served_and_described() {
    let system = grown();
    let board = Board::of(&system);
    assert_eq!(board.loose_ends(), Vec::<String>::new());
    assert!(board.to_string().contains("whenever Paid: send a survey when the repair is paid"));
    let document = openapi(&system, "/repair");
    let answer = &document["paths"]["/repair/surveys/{id}/answer"]["put"];
    assert!(answer.is_object(), "{answer}");
}

#[test]
fn its_tables_are_made_beside_those_that_are_there() -> Test {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("repair.sqlite");
    let open = |system: &System| {
        let names: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
        SqliteStore::open(&path, Layout::of(system, &names), &Options::default())
    };
    drop(open(&appliance_repair::system())?);
    let store = open(&grown())?;
    assert_eq!(store.heads("survey")?.position, 0);
    Ok(())
}

async fn repair_one(centre: &Rehearsal) -> Result<(), String> {
    let part = json!({ "relatedProductId": "1", "stock": 1, "unitPrice": 5000 });
    let request = json!({ "symptom": "소음", "productId": "1", "customerName": "홍길동" });
    centre.done("권나래", "ReceiveParts", "", part).await?;
    centre.done("홍길동", "RequestService", "", request).await?;
    centre.quiet().await;
    centre.done("김도현", "AcceptJob", "1", json!({})).await?;
    centre.done("김도현", "CompleteRepair", "1", json!({})).await?;
    centre.quiet().await;
    Ok(())
}

fn provider() -> Provider {
    Provider::named(
        "payment-provider",
        |_, wish: &Value, _| json!({ "outcome": "captured", "paymentKey": wish["orderId"] }),
    )
}
