use axum::Json;
use axum::extract::State;
use platform::{ApiResult, App, Caller, Page, PageQuery, Pagination, Problem, Query};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::store::{self, Label};

/// A brand or a category.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelView {
    /// Its id.
    id: Uuid,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
}

/// A page of brands or categories.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelPage {
    data: Vec<LabelView>,
    pagination: Pagination,
}

impl LabelPage {
    /// There are few, without a search key in the database: the page is cut here.
    fn cut(all: Vec<Label>, search: Option<&str>, page: &Page) -> Self {
        let wanted = search.map(domain::search_key);
        let found = |label: &Label| {
            let key = domain::search_key(&format!("{} {}", label.code, label.name));
            wanted.as_ref().is_none_or(|wanted| key.contains(wanted.as_str()))
        };
        let hits: Vec<Label> = all.into_iter().filter(found).collect();
        let pagination = page.of(i64::try_from(hits.len()).unwrap_or(i64::MAX));
        let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
        let take = usize::try_from(page.limit()).unwrap_or_default();
        let view = |label: Label| LabelView { id: label.id, code: label.code, name: label.name };
        LabelPage { data: hits.into_iter().skip(skip).take(take).map(view).collect(), pagination }
    }
}

/// The brands (nhãn hiệu), by name.
#[utoipa::path(
    get, path = "/brands", tag = "catalog", operation_id = "listBrands",
    params(PageQuery),
    responses(
        (status = 200, description = "A page", body = LabelPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_brands(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<LabelPage>> {
    let page = query.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let all = store::list_brands(&mut tx).await?;
    Ok(Json(LabelPage::cut(all, query.search.as_deref(), &page)))
}

/// The categories (ngành hàng), by name.
#[utoipa::path(
    get, path = "/categories", tag = "catalog", operation_id = "listCategories",
    params(PageQuery),
    responses(
        (status = 200, description = "A page", body = LabelPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_categories(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<LabelPage>> {
    let page = query.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let all = store::list_categories(&mut tx).await?;
    Ok(Json(LabelPage::cut(all, query.search.as_deref(), &page)))
}
