//! Records of a day without network: what people can settle isn't refused but flagged.

use domain::visit::{OutletState, VisitResult};
use domain::{Coordinates, CustomerId, VisitId};
use platform::{Caller, Flag, Mode};
use serde_json::json;
use test_kit::world::{SHOP_PENDING, SHOP1, SHOP2, SHOP21};
use test_kit::{TestApp, minutes};
use uuid::Uuid;
use visits::service::{self, CheckIn, CheckOut, NewPhoto, OutletStateRecord};

use crate::support::{AT_SHOP1, app, count, visit_shop1};

async fn caller(t: &TestApp, name: &str) -> Caller {
    Caller::new(t.app.auth.authenticate(name).await.unwrap(), None, None)
}

fn check_in(customer: CustomerId, at: i64) -> CheckIn {
    CheckIn {
        id: VisitId::new(Uuid::now_v7()),
        customer,
        place: Coordinates::new(AT_SHOP1.0, AT_SHOP1.1).unwrap(),
        accuracy: Some(5.0),
        at: Some(minutes(at)),
    }
}

async fn arrive(t: &TestApp, check_in: &CheckIn) -> Vec<Flag> {
    let caller = caller(t, "nvbh01").await;
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    let (_, flags) = service::check_in(&mut tx, &t.app, &caller, check_in, Mode::Late).await.unwrap();
    tx.commit().await.unwrap();
    flags
}

fn codes(flags: &[Flag]) -> Vec<&str> {
    flags.iter().map(|flag| flag.code.as_ref()).collect()
}

#[tokio::test]
async fn a_visit_while_another_is_open_is_kept_and_flagged() {
    let t = app().await;
    visit_shop1(&t).await;
    assert_eq!(codes(&arrive(&t, &check_in(SHOP2, 2)).await), ["visits.open_visit"]);
    // One that began before the open one crosses nothing.
    assert_eq!(codes(&arrive(&t, &check_in(SHOP2, -60)).await), [""; 0]);
    assert_eq!(count(&t, "select count(*) from visits where check_out_at is null").await, 3);
    let flagged = t.supervisor().get("/api/v1/visits?flagged=true").await.expect(200);
    assert_eq!(flagged["pagination"]["totalItems"], 1);
}

#[tokio::test]
async fn an_outlet_that_may_not_be_visited_was_visited() {
    let t = app().await;
    assert_eq!(
        codes(&arrive(&t, &check_in(SHOP_PENDING, 0)).await),
        ["visits.outlet_not_yours", "visits.customer_not_active"]
    );
    // Another distributor's is not there at all.
    let caller = caller(&t, "nvbh01").await;
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    let refused =
        service::check_in(&mut tx, &t.app, &caller, &check_in(SHOP21, 0), Mode::Late).await.unwrap_err();
    assert_eq!(refused.status().as_u16(), 404);
}

#[tokio::test]
async fn an_impossible_time_is_kept_as_far_as_it_can_be() {
    let t = app().await;
    let long_ago = check_in(SHOP1, -30 * 24 * 60);
    assert_eq!(codes(&arrive(&t, &long_ago).await), ["visits.time_refused"]);
    assert_eq!(count(&t, "select count(*) from visits where business_date = '2026-07-07'").await, 1);
    let to_come = check_in(SHOP2, 60);
    let flags = arrive(&t, &to_come).await;
    assert!(codes(&flags).contains(&"visits.time_refused"));
    assert_eq!(flags[0].details["at"], json!(minutes(60)));
    assert_eq!(count(&t, "select count(*) from visits where check_in_at = '2026-08-06T02:00:00Z'").await, 1);
}

#[tokio::test]
async fn a_visit_ends_without_what_the_policy_wants_and_says_so() {
    let t = app().await;
    let begin = check_in(SHOP1, -10);
    assert_eq!(codes(&arrive(&t, &begin).await), [""; 0]);
    let caller = caller(&t, "nvbh01").await;
    let end =
        CheckOut { place: begin.place, result: VisitResult::NoOrder, notes: None, at: Some(minutes(-20)) };
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    let (ended, flags) =
        service::check_out(&mut tx, &t.app, &caller, begin.id, &end, Mode::Late).await.unwrap();
    assert_eq!(codes(&flags), ["visits.time_order", "visits.photo_required"]);
    assert_eq!((ended.visit.duration_seconds, ended.visit.compliant), (Some(0), Some(false)));
    // What comes after the end is kept, too.
    let state = OutletStateRecord { state: OutletState::Closed };
    let (_, flags) =
        service::record_outlet_state(&mut tx, &t.app, &caller, begin.id, &state, Mode::Late).await.unwrap();
    assert_eq!(codes(&flags), ["visits.ended"]);
    let photo = NewPhoto {
        id: domain::PhotoId::new(Uuid::now_v7()),
        sha256: adapters::blob::BlobId::of(b"not here yet"),
        content_type: None,
        size_bytes: None,
        album: "Sân sau".to_owned(),
        display_program: None,
        place: None,
        captured_at: Some(minutes(-15)),
    };
    let (kept, flags) =
        service::attach_photo(&mut tx, &t.app, &caller, begin.id, &photo, Mode::Late).await.unwrap();
    assert_eq!(codes(&flags), ["visits.unknown_album"]);
    let (again, _) =
        service::attach_photo(&mut tx, &t.app, &caller, begin.id, &photo, Mode::Late).await.unwrap();
    assert_eq!((again.photo_id, &*again.album_type), (kept.photo_id, "Sân sau"));
    tx.commit().await.unwrap();
    // Its bytes are still to come.
    let content = format!("/api/v1/visits/{}/photos/{}/content", begin.id, photo.id);
    t.supervisor().get(&content).await.problem(404, "not_found");
    let seen = t.supervisor().get(&format!("/api/v1/visits/{}", begin.id)).await.expect(200);
    assert_eq!(seen["flags"].as_array().unwrap().len(), 4);
    assert_eq!(seen["photos"][0]["contentType"], serde_json::Value::Null);
}
