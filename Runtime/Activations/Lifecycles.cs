using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans
{
    /// <summary>Takes part in a lifecycle.</summary>
    public interface ILifecycleParticipant<TLifecycleObservable> where TLifecycleObservable : ILifecycleObservable
    {
        /// <summary>Subscribes to the stages that it needs.</summary>
        void Participate(TLifecycleObservable lifecycle);
    }

    /// <summary>Starts and stops what has subscribed, stage by stage.</summary>
    public interface ILifecycleObservable
    {
        /// <summary>Subscribes to a stage.</summary>
        IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
    }

    /// <summary>Is started and stopped.</summary>
    public interface ILifecycleObserver
    {
        /// <summary>Starts.</summary>
        Task OnStart(CancellationToken cancellationToken = default);

        /// <summary>Stops.</summary>
        Task OnStop(CancellationToken cancellationToken = default);
    }

    /// <summary>The stages of a silo's life.</summary>
    public static class ServiceLifecycleStage
    {
        /// <summary>Before all.</summary>
        public const int First = int.MinValue;

        /// <summary>The runtime is made ready.</summary>
        public const int RuntimeInitialize = 2000;

        /// <summary>The services of the runtime.</summary>
        public const int RuntimeServices = 4000;

        /// <summary>Its stores.</summary>
        public const int RuntimeStorageServices = 6000;

        /// <summary>Its grain services.</summary>
        public const int RuntimeGrainServices = 8000;

        /// <summary>After them.</summary>
        public const int AfterRuntimeGrainServices = 8100;

        /// <summary>The services of the application, such as storage providers.</summary>
        public const int ApplicationServices = 10000;

        /// <summary>The silo is about to be active.</summary>
        public const int BecomeActive = Active - 1;

        /// <summary>The silo is active; grains can be called.</summary>
        public const int Active = 20000;

        /// <summary>After all.</summary>
        public const int Last = int.MaxValue;
    }

    /// <summary>Subscribing with delegates.</summary>
    public static class LifecycleExtensions
    {
        /// <summary>Subscribes two actions to a stage.</summary>
        public static IDisposable Subscribe(
            this ILifecycleObservable observable, string observerName, int stage,
            Func<CancellationToken, Task> onStart, Func<CancellationToken, Task>? onStop) =>
            observable.Subscribe(observerName, stage, new Observer(onStart, onStop));

        /// <summary>Subscribes an action to a stage.</summary>
        public static IDisposable Subscribe(
            this ILifecycleObservable observable, string observerName, int stage,
            Func<CancellationToken, Task> onStart) =>
            observable.Subscribe(observerName, stage, new Observer(onStart, null));

        /// <summary>Subscribes two actions to a stage, under the name of a type.</summary>
        public static IDisposable Subscribe<TObserver>(
            this ILifecycleObservable observable, int stage,
            Func<CancellationToken, Task> onStart, Func<CancellationToken, Task>? onStop) =>
            observable.Subscribe(typeof(TObserver).FullName!, stage, new Observer(onStart, onStop));

        /// <summary>Subscribes an action to a stage, under the name of a type.</summary>
        public static IDisposable Subscribe<TObserver>(
            this ILifecycleObservable observable, int stage, Func<CancellationToken, Task> onStart) =>
            observable.Subscribe(typeof(TObserver).FullName!, stage, new Observer(onStart, null));

        private sealed class Observer(
            Func<CancellationToken, Task> onStart, Func<CancellationToken, Task>? onStop) : ILifecycleObserver
        {
            public Task OnStart(CancellationToken cancellationToken) => onStart(cancellationToken);

            public Task OnStop(CancellationToken cancellationToken) =>
                onStop is null ? Task.CompletedTask : onStop(cancellationToken);
        }
    }
}

namespace Orleans.Runtime
{
    /// <summary>The lifecycle of a silo.</summary>
    public interface ISiloLifecycle : ILifecycleObservable
    {
        /// <summary>The highest stage that has been started.</summary>
        int HighestCompletedStage { get; }

        /// <summary>The lowest stage that has been stopped.</summary>
        int LowestStoppedStage { get; }
    }

    /// <summary>
    /// Starts stages upwards, observers of one stage together; stops downwards from the highest that started.
    /// A failing start ends the start; a failing stop is logged and the rest is stopped all the same.
    /// </summary>
    internal abstract class StagedLifecycle(ILogger log) : ILifecycleObservable
    {
        private readonly List<Subscription> _subscriptions = [];
        private bool _started;

        public int HighestCompletedStage { get; private set; } = int.MinValue;

        public int LowestStoppedStage { get; private set; } = int.MaxValue;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            ArgumentNullException.ThrowIfNull(observer);
            lock (_subscriptions)
            {
                if (_started)
                {
                    throw new InvalidOperationException(
                        $"{observerName} subscribes to a lifecycle that has already been started.");
                }

                var subscription = new Subscription(this, observerName, stage, observer);
                _subscriptions.Add(subscription);
                return subscription;
            }
        }

        public async Task OnStart(CancellationToken cancellationToken)
        {
            foreach (var stage in Stages(ascending: true))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.WhenAll(stage.Select(s => s.Observer.OnStart(cancellationToken)));
                HighestCompletedStage = stage.Key;
            }
        }

        public async Task OnStop(CancellationToken cancellationToken)
        {
            foreach (var stage in Stages(ascending: false).Where(stage => stage.Key <= HighestCompletedStage))
            {
                await Task.WhenAll(stage.Select(s => Stop(s, cancellationToken)));
                LowestStoppedStage = stage.Key;
            }
        }

        private async Task Stop(Subscription subscription, CancellationToken cancellationToken)
        {
            try
            {
                await subscription.Observer.OnStop(cancellationToken);
            }
            catch (Exception error)
            {
                log.LogError(error, "{Observer} failed to stop.", subscription.Name);
            }
        }

        private List<IGrouping<int, Subscription>> Stages(bool ascending)
        {
            lock (_subscriptions)
            {
                _started = true;
                var stages = _subscriptions.GroupBy(subscription => subscription.Stage);
                return [.. ascending ? stages.OrderBy(s => s.Key) : stages.OrderByDescending(s => s.Key)];
            }
        }

        private void Remove(Subscription subscription)
        {
            lock (_subscriptions) _subscriptions.Remove(subscription);
        }

        private sealed record Subscription(
            StagedLifecycle Lifecycle, string Name, int Stage, ILifecycleObserver Observer) : IDisposable
        {
            public void Dispose() => Lifecycle.Remove(this);
        }
    }

    internal sealed class GrainLifecycle(ILogger log) : StagedLifecycle(log), IGrainLifecycle;

    internal sealed class SiloLifecycle(ILogger<SiloLifecycle> log) : StagedLifecycle(log), ISiloLifecycle;
}
