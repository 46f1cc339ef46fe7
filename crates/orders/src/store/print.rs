use domain::CustomerId;
use sqlx::PgConnection;

use crate::model::{BuyerBlock, Seller};

/// Who sells and who buys, as printed forms name them.
pub async fn find_parties(
    c: &mut PgConnection,
    customer: CustomerId,
) -> Result<Option<(Seller, BuyerBlock)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select coalesce(nullif(d.invoice_name, ''), d.name) as "seller!",
             coalesce(nullif(d.invoice_address, ''), d.office_address) as "seller_address!", d.tax_code,
             d.phone as seller_phone, d.bank_name, d.bank_account, cu.code, cu.name, cu.contact_person, cu.address, cu.phone
           from customers cu join distributors d on d.id = cu.distributor_id where cu.id = $1"#,
        customer.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| {
        let seller = Seller {
            name: r.seller,
            address: r.seller_address,
            tax_code: r.tax_code,
            phone: r.seller_phone,
            bank_name: r.bank_name,
            bank_account: r.bank_account,
        };
        let buyer = BuyerBlock {
            code: r.code,
            name: r.name,
            contact_person: r.contact_person,
            address: r.address,
            phone: r.phone,
        };
        (seller, buyer)
    }))
}
