namespace OrleansEtl.Shells;

/// <summary>Those who are here, in the order in which they came, so that what is done for all of them is done in an order that does
/// not depend on chance.</summary>
internal sealed class Presence<T> where T : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<T, LinkedListNode<T>> _places = new(ReferenceEqualityComparer.Instance);
    private readonly LinkedList<T> _order = [];

    public void Enter(T one)
    {
        lock (_gate) _places[one] = _order.AddLast(one);
    }

    public void Leave(T one)
    {
        lock (_gate)
            if (_places.Remove(one, out var place)) _order.Remove(place);
    }

    /// <summary>Those who are here now.</summary>
    public T[] All()
    {
        lock (_gate) return [.. _order];
    }
}
