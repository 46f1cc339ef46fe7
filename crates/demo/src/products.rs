//! What the company makes. Brands and products are invented.

/// A product of the table.
pub struct Product {
    /// SKU.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its brand.
    pub brand: &'static str,
    /// Its category.
    pub category: &'static str,
    /// The case.
    pub case: &'static str,
    /// The piece.
    pub piece: &'static str,
    /// Pieces per case.
    pub factor: i64,
    /// đồng per piece, before VAT.
    pub price: i64,
    /// Per cent.
    pub vat: i16,
    /// Days from making to expiry.
    pub shelf_life: u64,
    /// How well it sells; nobody orders those with 0.
    pub demand: i64,
}

impl Product {
    /// A case costs 2 % less than its pieces, in round hundreds.
    pub fn case_price(&self) -> i64 {
        self.price * self.factor * 98 / 100 / 100 * 100
    }

    /// What the distributor pays for a piece.
    pub fn purchase(&self) -> i64 {
        self.price * 87 / 100
    }

    /// What the distributor pays for a case.
    pub fn case_purchase(&self) -> i64 {
        self.purchase() * self.factor
    }
}

/// A brand and what it makes: code, name, case, piece, pieces per case, price of a piece, demand.
type Row = (&'static str, &'static str, &'static str, &'static str, i64, i64, i64);

struct Family {
    brand: &'static str,
    category: &'static str,
    vat: i16,
    shelf_life: u64,
    rows: &'static [Row],
}

/// All products, in the order lists show them.
pub fn all() -> Vec<Product> {
    let of = |family: &'static Family| {
        family.rows.iter().map(move |&(code, name, case, piece, factor, price, demand)| Product {
            code,
            name,
            brand: family.brand,
            category: family.category,
            case,
            piece,
            factor,
            price,
            vat: family.vat,
            shelf_life: family.shelf_life,
            demand,
        })
    };
    FAMILIES.iter().flat_map(of).collect()
}

const FAMILIES: &[Family] = &[
    Family {
        brand: "Suối Mây",
        category: "Nước giải khát",
        vat: 10,
        shelf_life: 360,
        rows: &[
            ("SM001", "Nước ngọt Suối Mây vị chanh 330ml", "Thùng", "Lon", 24, 7_500, 9),
            ("SM002", "Nước ngọt Suối Mây vị cam 330ml", "Thùng", "Lon", 24, 7_500, 7),
            ("SM003", "Trà xanh mật ong Suối Mây 450ml", "Thùng", "Chai", 24, 8_200, 8),
            ("SM004", "Trà đào Suối Mây 450ml", "Thùng", "Chai", 24, 8_500, 5),
            ("SM007", "Nước tăng lực Suối Mây Đỏ 250ml", "Thùng", "Lon", 24, 9_200, 8),
            ("SM008", "Nước yến ngân nhĩ Suối Mây 240ml", "Lốc", "Lon", 6, 9_800, 3),
        ],
    },
    Family {
        brand: "Suối Mây",
        category: "Nước uống đóng chai",
        vat: 8,
        shelf_life: 540,
        rows: &[
            ("SM005", "Nước tinh khiết Suối Mây 500ml", "Thùng", "Chai", 24, 3_800, 9),
            ("SM006", "Nước tinh khiết Suối Mây 1,5L", "Thùng", "Chai", 12, 8_000, 5),
        ],
    },
    Family {
        brand: "Đồi Sữa",
        category: "Sữa và thức uống dinh dưỡng",
        vat: 8,
        shelf_life: 180,
        rows: &[
            ("DS001", "Sữa tiệt trùng Đồi Sữa có đường 180ml", "Thùng", "Hộp", 48, 7_200, 8),
            ("DS002", "Sữa tiệt trùng Đồi Sữa ít đường 180ml", "Thùng", "Hộp", 48, 7_200, 5),
            ("DS003", "Sữa tươi không đường Đồi Sữa 1L", "Thùng", "Hộp", 12, 31_000, 3),
            ("DS004", "Sữa chua uống Đồi Sữa vị dâu 170ml", "Thùng", "Hộp", 48, 6_400, 5),
            ("DS005", "Sữa đặc có đường Đồi Sữa 380g", "Thùng", "Lon", 48, 21_500, 4),
            ("DS006", "Sữa đậu nành Đồi Sữa 200ml", "Thùng", "Bịch", 40, 5_200, 6),
        ],
    },
    Family {
        brand: "Ngói Đỏ",
        category: "Thực phẩm ăn liền",
        vat: 8,
        shelf_life: 180,
        rows: &[
            ("ND001", "Mì Ngói Đỏ tôm chua cay 75g", "Thùng", "Gói", 30, 3_900, 10),
            ("ND002", "Mì Ngói Đỏ bò hầm 75g", "Thùng", "Gói", 30, 3_900, 8),
            ("ND003", "Phở bò Ngói Đỏ 65g", "Thùng", "Gói", 30, 5_600, 5),
            ("ND004", "Hủ tiếu Ngói Đỏ 70g", "Thùng", "Gói", 30, 5_600, 5),
            ("ND005", "Cháo thịt bằm Ngói Đỏ 50g", "Thùng", "Gói", 50, 3_400, 4),
            ("ND006", "Miến gà Ngói Đỏ 58g", "Thùng", "Gói", 24, 7_900, 2),
            ("ND007", "Mì ly Ngói Đỏ hải sản 65g", "Thùng", "Ly", 24, 8_800, 4),
        ],
    },
    Family {
        brand: "Bếp Làng",
        category: "Gia vị và dầu ăn",
        vat: 8,
        shelf_life: 540,
        rows: &[
            ("BL001", "Nước mắm Bếp Làng 35 độ đạm 500ml", "Thùng", "Chai", 12, 42_000, 5),
            ("BL002", "Nước tương Bếp Làng 500ml", "Thùng", "Chai", 24, 12_500, 6),
            ("BL003", "Tương ớt Bếp Làng 250g", "Thùng", "Chai", 24, 11_000, 5),
            ("BL004", "Hạt nêm Bếp Làng 400g", "Thùng", "Gói", 20, 33_000, 6),
            ("BL005", "Bột ngọt Bếp Làng 454g", "Thùng", "Gói", 24, 31_500, 4),
            ("BL006", "Dầu ăn Bếp Làng 1L", "Thùng", "Chai", 12, 46_500, 7),
        ],
    },
    Family {
        brand: "Bếp Làng",
        category: "Thực phẩm thiết yếu",
        vat: 5,
        shelf_life: 720,
        rows: &[
            ("BL007", "Đường tinh luyện Bếp Làng 1kg", "Bao", "Gói", 12, 26_500, 5),
            ("BL008", "Muối i-ốt Bếp Làng 500g", "Bao", "Gói", 50, 4_200, 3),
        ],
    },
    Family {
        brand: "Bếp Làng",
        category: "Gạo",
        vat: 0,
        shelf_life: 180,
        rows: &[("BL009", "Gạo thơm Bếp Làng 5kg", "Bao", "Túi", 6, 118_000, 3)],
    },
    Family {
        brand: "Rảnh Rang",
        category: "Bánh kẹo và ăn vặt",
        vat: 8,
        shelf_life: 270,
        rows: &[
            ("RR001", "Bánh quy bơ Rảnh Rang 150g", "Thùng", "Hộp", 24, 16_500, 5),
            ("RR002", "Bánh gạo nướng Rảnh Rang 134g", "Thùng", "Gói", 20, 19_500, 4),
            ("RR003", "Snack khoai tây Rảnh Rang rong biển 40g", "Thùng", "Gói", 60, 5_600, 7),
            ("RR004", "Snack bắp Rảnh Rang phô mai 35g", "Thùng", "Gói", 60, 5_400, 6),
            ("RR005", "Kẹo dừa Rảnh Rang 200g", "Thùng", "Gói", 30, 22_500, 3),
            ("RR006", "Kẹo bạc hà Rảnh Rang 120g", "Thùng", "Gói", 40, 12_800, 3),
            ("RR007", "Bánh bông lan cuộn Rảnh Rang 216g", "Thùng", "Hộp", 12, 33_500, 3),
            ("RR008", "Đậu phộng nước cốt dừa Rảnh Rang 150g", "Thùng", "Gói", 30, 18_500, 4),
        ],
    },
    Family {
        brand: "Trắng Bong",
        category: "Giặt xả",
        vat: 10,
        shelf_life: 1_080,
        rows: &[
            ("TB001", "Bột giặt Trắng Bong hương nắng 800g", "Thùng", "Gói", 18, 32_500, 6),
            ("TB002", "Bột giặt Trắng Bong hương nắng 2,7kg", "Thùng", "Gói", 6, 98_000, 3),
            ("TB003", "Nước giặt Trắng Bong túi 3,2kg", "Thùng", "Túi", 4, 142_000, 4),
            ("TB004", "Nước xả vải Trắng Bong hương hoa 1,6L", "Thùng", "Túi", 8, 78_000, 4),
            ("TB005", "Nước xả vải Trắng Bong gói 22ml", "Thùng", "Gói", 240, 1_500, 4),
        ],
    },
    Family {
        brand: "Nhà Thơm",
        category: "Chăm sóc nhà cửa",
        vat: 10,
        shelf_life: 1_080,
        rows: &[
            ("NT001", "Nước rửa chén Nhà Thơm chanh 750g", "Thùng", "Chai", 18, 24_500, 6),
            ("NT002", "Nước rửa chén Nhà Thơm trà xanh 3,5kg", "Thùng", "Can", 4, 92_000, 3),
            ("NT003", "Nước lau sàn Nhà Thơm hương sả 1L", "Thùng", "Chai", 12, 31_500, 4),
            ("NT004", "Nước tẩy bồn cầu Nhà Thơm 900ml", "Thùng", "Chai", 12, 36_500, 3),
            ("NT005", "Xịt thơm phòng Nhà Thơm 280ml", "Thùng", "Chai", 24, 45_500, 0),
            ("NT006", "Giấy vệ sinh Nhà Thơm 10 cuộn", "Bao", "Lốc", 8, 62_000, 4),
        ],
    },
    Family {
        brand: "Mướt",
        category: "Tắm gội",
        vat: 10,
        shelf_life: 1_080,
        rows: &[
            ("MU001", "Dầu gội Mướt bồ kết 650g", "Thùng", "Chai", 12, 88_000, 4),
            ("MU002", "Dầu gội Mướt gói 6g", "Thùng", "Gói", 480, 1_100, 5),
            ("MU003", "Sữa tắm Mướt hương sen 850g", "Thùng", "Chai", 12, 116_000, 3),
            ("MU004", "Xà bông cục Mướt 90g", "Thùng", "Bánh", 72, 12_500, 4),
            ("MU005", "Sữa rửa mặt Mướt 100g", "Thùng", "Tuýp", 36, 42_000, 0),
        ],
    },
    Family {
        brand: "Cười Xinh",
        category: "Chăm sóc răng miệng",
        vat: 10,
        shelf_life: 1_080,
        rows: &[
            ("CX001", "Kem đánh răng Cười Xinh muối hồng 230g", "Thùng", "Tuýp", 36, 33_500, 5),
            ("CX002", "Kem đánh răng trẻ em Cười Xinh 50g", "Thùng", "Tuýp", 48, 23_500, 2),
            ("CX003", "Bàn chải Cười Xinh lông mềm", "Hộp", "Cây", 12, 17_500, 4),
            ("CX004", "Nước súc miệng Cười Xinh 500ml", "Thùng", "Chai", 12, 68_000, 0),
        ],
    },
    Family {
        brand: "Bé Na",
        category: "Chăm sóc bé",
        vat: 8,
        shelf_life: 1_080,
        rows: &[
            ("BN001", "Khăn giấy ướt Bé Na 80 tờ", "Thùng", "Gói", 24, 25_500, 3),
            ("BN002", "Tã quần Bé Na cỡ M 56 miếng", "Bao", "Bịch", 4, 208_000, 3),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn sixty_products_with_codes_of_their_own() {
        let products = super::all();
        assert_eq!(products.len(), 60);
        assert_eq!(products.iter().map(|p| p.code).collect::<BTreeSet<_>>().len(), 60);
        assert!(products.iter().all(|p| p.name.contains(p.brand)));
        assert_eq!(products.iter().map(|p| p.vat).collect::<BTreeSet<_>>(), BTreeSet::from([0, 5, 8, 10]));
    }

    #[test]
    fn a_sale_earns_something_by_the_case_and_by_the_piece() {
        for p in super::all() {
            assert!(p.purchase() < p.price && p.case_purchase() < p.case_price(), "{}", p.code);
            assert!(p.case_price() < p.price * p.factor, "{}", p.code);
        }
    }
}
