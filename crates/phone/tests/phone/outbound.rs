//! Calls that do not come about, and how those that do end.

use crate::peers::{Sipp, config, dial, open};
use phone::DialFailure;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_telephone_is_busy() {
    let sipp = Sipp::listening(&[("invite", &[]), ("refuse", &[("STATUS", "486 Busy Here")])]).await;
    let line = open(config(sipp.address)).await;
    assert_eq!(dial(&line).await.unwrap_err(), DialFailure::Busy);
    assert_eq!(line.status().calls, 0);
    sipp.succeeds().await;
}
