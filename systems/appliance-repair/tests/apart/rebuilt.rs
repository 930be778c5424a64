//! A view of what happened in other processes is made again, though none of it is
//! at hand any more.

use appliance_repair::system;
use rehearsal::{Apart, Provider};
use runtime::rebuild::Phase;
use serde_json::json;

type Test = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(start_paused = true)]
async fn a_view_of_other_processes_is_rebuilt_from_their_journals() -> Test {
    let provider = Provider::named(
        "payment-provider",
        |_, wish, _| json!({ "outcome": "captured", "paymentKey": wish["orderId"] }),
    );
    let mut centre = Apart::of(system, provider)?;
    let parts = json!({ "relatedProductId": "1", "stock": 9, "unitPrice": 5000 });
    centre.done("권나래", "ReceiveParts", "", parts).await?;
    for number in 1..=4 {
        let wish = json!({ "symptom": "소음", "productId": "1", "customerName": "Hong" });
        centre.done("홍길동", "RequestService", "", wish).await?;
        centre.quiet().await;
        centre.done("김도현", "AcceptJob", &number.to_string(), json!({})).await?;
        centre.done("김도현", "CompleteRepair", &number.to_string(), json!({})).await?;
    }
    centre.quiet().await;
    centre.restart().await?;
    centre.quiet().await;

    // While a neighbour is away nothing is shown that is not known to be whole.
    centre.lab("service", "down");
    let progress = centre.runtime("progress").clone();
    progress.start_rebuild("progress", "progressViews")?;
    let failed = progress.rebuilt("progress", "progressViews").await?;
    assert_eq!(failed.phase, Phase::Failed, "{failed:?}");
    assert_eq!(centre.row("progressViews", 4).ok_or("gone")?["payStatus"], "PAID");

    centre.lab("service", "up");
    progress.start_rebuild("progress", "progressViews")?;
    let ready = progress.rebuilt("progress", "progressViews").await?;
    assert_eq!(ready.phase, Phase::Ready, "{:?}", ready.reason);
    let difference = progress.switch_rebuild("progress", "progressViews").await?;
    assert_eq!((difference.same, difference.changed), (4, 0), "{difference:?}");
    assert_eq!((difference.missing, difference.extra), (0, 0), "{difference:?}");
    assert_eq!(centre.row("progressViews", 4).ok_or("gone")?["payStatus"], "PAID");
    Ok(())
}
