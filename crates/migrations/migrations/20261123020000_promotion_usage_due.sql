-- What an order's promotions are due back is reckoned by the program, over all parts of a split order.
drop view promotion_usage_due;
