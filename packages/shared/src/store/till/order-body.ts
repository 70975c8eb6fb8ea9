/** What a till sends of an order. Amounts are whole rupiah, `quantity` has at most three decimals. */
export interface OrderBody {
  number: string;
  table: string | null;
  type: 'dine_in' | 'take_away' | 'delivery' | null;
  note: string | null;
  lines: OrderLine[];
  charges: OrderCharge[];
  total: number;
  metadata: Record<string, string>;
}

export interface OrderLine {
  sku: string | null;
  name: string;
  quantity: number;
  unit_price: number;
  total: number;
  note: string | null;
}

export interface OrderCharge {
  kind: 'discount' | 'service_charge' | 'tax' | 'rounding' | 'delivery' | 'tip' | 'other';
  name: string | null;
  amount: number;
}

/** Where an order belongs. */
export interface OrderPlace {
  tenant: string;
  storeId: string;
  orderId: string;
}

/** The key of an order in the host `till`. An `order_id` has no slash, so no two orders share a key, whatever their tenants are called. */
export const tillOrderKey = ({ tenant, orderId }: Pick<OrderPlace, 'tenant' | 'orderId'>): string => `${tenant}/${orderId}`;

/** The id of the host whose orders come by HTTP. */
export const tillHost = 'till';
