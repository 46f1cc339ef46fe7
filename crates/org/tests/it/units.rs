use domain::OrgUnitId;
use serde_json::{Value, json};
use test_kit::{Actor, TestApp, world};
use uuid::Uuid;

const UNITS: &str = "/api/v1/org-units";

async fn start() -> TestApp {
    TestApp::start(org::router()).await
}

async fn tree(actor: &Actor<'_>) -> Vec<(String, String)> {
    let list = actor.get(UNITS).await.expect(200);
    let field = |unit: &Value, name: &str| unit[name].as_str().unwrap().to_owned();
    list["data"].as_array().unwrap().iter().map(|u| (field(u, "indexPath"), field(u, "name"))).collect()
}

fn pairs(tree: &[(String, String)]) -> Vec<(&str, &str)> {
    tree.iter().map(|(index, name)| (index.as_str(), name.as_str())).collect()
}

fn path(unit: OrgUnitId) -> String {
    format!("{UNITS}/{unit}")
}

/// The ancestors of every unit, by name, as the chain of parents says they should be.
async fn ancestors_are_right(t: &TestApp) {
    let mut c = t.database.owner().await;
    let wrong: Vec<String> = sqlx::query_scalar(
        "with recursive chain as (
           select id, name, array[id] as ancestors, index_path, ancestors as kept from org_units where parent_id is null
           union all
           select o.id, o.name, c.ancestors || o.id, o.index_path, o.ancestors
           from org_units o join chain c on o.parent_id = c.id
         )
         select name from chain where kept <> ancestors
            or cardinality(string_to_array(index_path, '.')) <> cardinality(ancestors)",
    )
    .fetch_all(&mut c)
    .await
    .unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn everybody_sees_their_part_of_the_tree_and_the_way_to_it() {
    let t = start().await;
    assert_eq!(
        pairs(&tree(&t.admin()).await),
        [
            ("1", "Công ty"),
            ("1.1", "Miền Nam"),
            ("1.1.1", "Khu vực 1"),
            ("1.1.1.1", "NPP Thành Công"),
            ("1.1.1.1.1", "Tổ 1"),
            ("1.1.1.2", "NPP Đại Phát"),
            ("1.1.1.2.1", "Tổ 2"),
        ]
    );
    let first = ["1", "1.1", "1.1.1", "1.1.1.1", "1.1.1.1.1"];
    for actor in [t.npp01(), t.supervisor(), t.rep1()] {
        let tree = tree(&actor).await;
        assert_eq!(tree.iter().map(|(index, _)| index.as_str()).collect::<Vec<_>>(), first);
        actor.get(&path(world::UNIT2)).await.problem(404, "not_found");
        assert_eq!(actor.get(&path(world::TEAM1)).await.expect(200)["name"], "Tổ 1");
    }
    assert_eq!(tree(&t.area_manager()).await.len(), 7);
    t.anonymous().get(UNITS).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_new_unit_is_the_last_child_and_belongs_to_its_parent_s_distributor() {
    let t = start().await;
    let body = json!({"parentId": world::UNIT1, "code": "NPP01", "name": "Tổ mới", "kind": "team", "isSalesGroup": true});
    let unit = t.admin().post(UNITS, body).await.expect(201);
    assert_eq!(unit["indexPath"], "1.1.1.1.2");
    assert_eq!(unit["distributorId"], world::NPP01.to_string());
    assert_eq!(unit["kind"], "team");
    assert_eq!(unit["isSalesGroup"], true);
    let root = t.admin().post(UNITS, json!({"code": "CTY2", "name": "Công ty hai"})).await.expect(201);
    assert_eq!(root["indexPath"], "2");
    assert_eq!(root["kind"], "unit");
    ancestors_are_right(&t).await;
}

#[tokio::test]
async fn creating_twice_makes_one_unit() {
    let t = start().await;
    let body = json!({"id": Uuid::from_u128(77), "parentId": world::AREA, "code": "X", "name": "X"});
    let first = t.admin().post(UNITS, body.clone()).await.expect(201);
    assert_eq!(t.admin().post(UNITS, body).await.expect(201), first);
    assert_eq!(tree(&t.admin()).await.len(), 8);
}

#[tokio::test]
async fn a_unit_must_fit_into_the_tree() {
    let t = start().await;
    let create = async |body: Value| t.admin().post(UNITS, body).await;
    create(json!({"parentId": Uuid::from_u128(9), "code": "X", "name": "X"}))
        .await
        .problem(422, "org.unknown_parent");
    create(json!({"parentId": world::UNIT1, "code": "X", "name": "X", "distributorId": world::NPP02}))
        .await
        .problem(422, "org.other_distributor");
    create(json!({"parentId": world::AREA, "code": "X", "name": "X", "distributorId": Uuid::from_u128(9)}))
        .await
        .problem(422, "org.unknown_distributor");
    create(json!({"parentId": world::AREA, "code": "", "name": "X"})).await.problem(400, "validation");
    create(json!({"parentId": world::AREA, "code": "X", "name": "x".repeat(301)}))
        .await
        .problem(400, "validation");
    create(json!({"parentId": world::AREA, "code": "X", "name": "X", "kind": "galaxy"}))
        .await
        .problem(400, "validation");
    let mut parent = world::COMPANY.to_string();
    for _ in 2..=20 {
        let unit = create(json!({"parentId": parent, "code": "D", "name": "D"})).await.expect(201);
        parent = unit["unitId"].as_str().unwrap().to_owned();
    }
    create(json!({"parentId": parent, "code": "D", "name": "D"})).await.problem(422, "org.too_deep");
}

#[tokio::test]
async fn a_unit_is_changed_with_the_version_that_was_loaded() {
    let t = start().await;
    let body = json!({"code": "KV1", "name": "Khu vực Một", "kind": "area", "isSupervisor": true, "isSalesGroup": false});
    t.admin().put(&path(world::AREA), body.clone()).await.problem(400, "validation");
    let mut versioned = body.clone();
    versioned["version"] = json!(1);
    let unit = t.admin().put(&path(world::AREA), versioned.clone()).await.expect(200);
    assert_eq!((unit["name"].as_str(), unit["version"].as_i64()), (Some("Khu vực Một"), Some(2)));
    t.admin().put(&path(world::AREA), versioned).await.problem(412, "stale_version");
    let mut c = t.database.owner().await;
    let (before, after): (Value, Value) =
        sqlx::query_as("select before, after from audit_log where action = 'org_units.update'")
            .fetch_one(&mut c)
            .await
            .unwrap();
    assert_eq!(before, json!({"name": "Khu vực 1", "isSupervisor": false}));
    assert_eq!(after, json!({"name": "Khu vực Một", "isSupervisor": true}));
}

#[tokio::test]
async fn a_unit_once_given_to_a_distributor_stays_with_it_and_so_does_what_hangs_below() {
    let t = start().await;
    let unit =
        t.admin().post(UNITS, json!({"parentId": world::AREA, "code": "N", "name": "N"})).await.expect(201);
    let id = unit["unitId"].as_str().unwrap();
    let below = t.admin().post(UNITS, json!({"parentId": id, "code": "T", "name": "T"})).await.expect(201);
    assert_eq!(below["distributorId"], Value::Null);
    let body = |distributor: Value, version: i64| {
        json!({"code": "N", "name": "N", "kind": "distributor",
        "distributorId": distributor, "isSupervisor": false, "isSalesGroup": false, "version": version})
    };
    let path = format!("{UNITS}/{id}");
    t.admin().put(&path, body(json!(world::NPP01), 1)).await.expect(200);
    let below = t.admin().get(&format!("{UNITS}/{}", below["unitId"].as_str().unwrap())).await.expect(200);
    assert_eq!(below["distributorId"], world::NPP01.to_string());
    for other in [json!(world::NPP02), Value::Null] {
        t.admin().put(&path, body(other, 2)).await.problem(422, "org.other_distributor");
    }
}

#[tokio::test]
async fn a_subtree_moves_in_one_action() {
    let t = start().await;
    let region = t
        .admin()
        .post(UNITS, json!({"parentId": world::COMPANY, "code": "MB", "name": "Miền Bắc"}))
        .await
        .expect(201);
    let moved = t
        .admin()
        .post(&format!("{}/move", path(world::AREA)), json!({"parentId": region["unitId"]}))
        .await
        .expect(200);
    assert_eq!(moved["indexPath"], "1.2.1");
    assert_eq!(moved["parentId"], region["unitId"]);
    assert_eq!(
        pairs(&tree(&t.admin()).await),
        [
            ("1", "Công ty"),
            ("1.1", "Miền Nam"),
            ("1.2", "Miền Bắc"),
            ("1.2.1", "Khu vực 1"),
            ("1.2.1.1", "NPP Thành Công"),
            ("1.2.1.1.1", "Tổ 1"),
            ("1.2.1.2", "NPP Đại Phát"),
            ("1.2.1.2.1", "Tổ 2"),
        ]
    );
    ancestors_are_right(&t).await;
    let root =
        t.admin().post(&format!("{}/move", path(world::AREA)), json!({"parentId": null})).await.expect(200);
    assert_eq!(root["indexPath"], "2");
    ancestors_are_right(&t).await;
    let mut c = t.database.owner().await;
    let moves: Vec<(Value, Value)> =
        sqlx::query_as("select before, after from audit_log where action = 'org_units.move' order by id")
            .fetch_all(&mut c)
            .await
            .unwrap();
    assert_eq!(moves[0].0, json!({"parentId": world::REGION, "indexPath": "1.1.1"}));
    assert_eq!(moves[0].1, json!({"parentId": region["unitId"], "indexPath": "1.2.1"}));
}

#[tokio::test]
async fn a_unit_moves_neither_below_itself_nor_to_another_distributor() {
    let t = start().await;
    let put =
        async |unit: OrgUnitId, body: Value| t.admin().post(&format!("{}/move", path(unit)), body).await;
    put(world::REGION, json!({"parentId": world::TEAM1})).await.problem(422, "org.cycle");
    put(world::REGION, json!({"parentId": world::REGION})).await.problem(422, "org.cycle");
    put(world::TEAM1, json!({"parentId": world::UNIT2})).await.problem(422, "org.other_distributor");
    put(world::TEAM1, json!({"parentId": Uuid::from_u128(9)})).await.problem(422, "org.unknown_parent");
    put(world::TEAM1, json!({})).await.problem(400, "validation");
    put(world::TEAM1, json!({"parentId": world::AREA, "version": 9})).await.problem(412, "stale_version");
    put(OrgUnitId::new(Uuid::from_u128(9)), json!({"parentId": world::AREA})).await.problem(404, "not_found");
    assert_eq!(put(world::TEAM1, json!({"parentId": world::UNIT1})).await.expect(200)["version"], 1);
}

#[tokio::test]
async fn moves_at_once_make_no_ring() {
    let t = start().await;
    let unit = async |name: &str| -> String {
        let body = json!({"parentId": world::COMPANY, "code": name, "name": name});
        t.admin().post(UNITS, body).await.expect(201)["unitId"].as_str().unwrap().to_owned()
    };
    let (a, b) = (unit("A").await, unit("B").await);
    let place = async |unit: &str, parent: &str| {
        t.admin().post(&format!("{UNITS}/{unit}/move"), json!({"parentId": parent})).await.status.as_u16()
    };
    let (first, second) = tokio::join!(place(&a, &b), place(&b, &a));
    let mut statuses = [first, second];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    ancestors_are_right(&t).await;
}

#[tokio::test]
async fn only_the_company_changes_the_tree() {
    let t = start().await;
    for actor in [t.npp01(), t.supervisor(), t.area_manager(), t.rep1()] {
        actor.post(UNITS, json!({"code": "X", "name": "X"})).await.problem(403, "forbidden");
        actor
            .post(&format!("{}/move", path(world::TEAM1)), json!({"parentId": null}))
            .await
            .problem(403, "forbidden");
        actor.put(&path(world::TEAM1), json!({})).await.problem(403, "forbidden");
    }
}
